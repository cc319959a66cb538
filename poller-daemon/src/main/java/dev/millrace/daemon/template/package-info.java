/** CloudFormation and SAM templates as a source of event source mappings. */
@NullMarked
package dev.millrace.daemon.template;

import org.jspecify.annotations.NullMarked;
