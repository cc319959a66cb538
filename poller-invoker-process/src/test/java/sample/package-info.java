/** A function as a user writes it, knowing nothing of Millrace. */
@NullMarked
package sample;

import org.jspecify.annotations.NullMarked;
