#!/bin/sh
# Installs the emulators that package-lock.json names, once for each change of it. Part of every build that is not offline, and
# never a reason for one to fail: without Node.js, npm or a network the tests that need an emulator are skipped.
set -u
cd "$(dirname "$0")" || exit 0

stamp=node_modules/.installed
if [ -f "$stamp" ] && cmp -s package-lock.json "$stamp"; then
  exit 0
fi

major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
if [ "${major:-0}" -lt 20 ] || ! command -v npm >/dev/null; then
  echo "[NOTICE] no emulators: Node.js 20 or newer with npm is not here"
  exit 0
fi

# One build at a time; a lock that a killed build has left is taken over after some minutes.
find . -maxdepth 1 -name .installing -mmin +5 -exec rmdir {} \;
if ! mkdir .installing 2>/dev/null; then
  echo "[NOTICE] no emulators yet: another build is installing them"
  exit 0
fi
trap 'rmdir .installing' EXIT

if npm ci --no-audit --no-fund --loglevel=error --fetch-retries=1 --fetch-timeout=60000; then
  cp package-lock.json "$stamp"
else
  echo "[NOTICE] no emulators: npm could not install them"
fi
exit 0
