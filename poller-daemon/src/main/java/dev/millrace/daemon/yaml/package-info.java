/** YAML and JSON text as a configuration tree. */
@NullMarked
package dev.millrace.daemon.yaml;

import org.jspecify.annotations.NullMarked;
