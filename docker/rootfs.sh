#!/bin/sh
# Makes the root file system of the image without a shell, in the folder that is given: of this Debian the C library and the
# records that tell scanners which version it is; a user; a folder for temporary files.
set -eu

root=$1
mkdir -p "$root/usr/lib" "$root/usr/lib64" "$root/etc" "$root/var/lib/dpkg/status.d" "$root/tmp"
chmod 1777 "$root/tmp"
# As in Debian: /lib is a part of /usr.
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"

# libgcc is what the C library asks for when a thread is cancelled.
for package in libc6 libgcc-s1; do
    dpkg -L "$package" | grep '/lib.*\.so' | grep -v -e /gconv/ -e /audit/ | while read -r file; do
        if [ ! -d "$file" ]; then cp -a --parents "$file" "$root"; fi
    done
    dpkg -s "$package" >"$root/var/lib/dpkg/status.d/$package"
    mkdir -p "$root/usr/share/doc/$package"
    cp -L "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/"
done
dpkg -s base-files >"$root/var/lib/dpkg/status.d/base-files"
cp -L /etc/os-release "$root/etc/os-release"

echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
printf '%s\n' 'root:x:0:0::/:/usr/sbin/nologin' 'millrace:x:65532:65532::/var/lib/millrace:/usr/sbin/nologin' >"$root/etc/passwd"
printf '%s\n' 'root:x:0:' 'millrace:x:65532:' >"$root/etc/group"
