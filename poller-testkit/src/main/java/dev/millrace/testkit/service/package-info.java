/** What our own servers of AWS's services share: requests and refusals, shard iterators, faults on cue and counts of calls. */
@NullMarked
package dev.millrace.testkit.service;

import org.jspecify.annotations.NullMarked;
