package dev.millrace.checkpoint;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The mappings that every node of a cluster polls, as operators have written them into the store. Nodes only read them.
 * Thread-safe; a call blocks until what it wrote survives a crash. A call that throws {@link StoreException} may or may not
 * have written; writing the same once more is harmless. Closed with its store.
 */
public interface MappingDefinitions {

    /** DynamoDB's own bound of what is written as a whole. */
    int MOST_CHANGES = 100;

    /**
     * One mapping as it is stored. Whether it can be polled is for each node to find out: it may have been written for other
     * functions, by another version, or by hand.
     *
     * @param mapping its identity; its text may say another one, which is then wrong
     * @param json the members of the mapping as AWS's API names them, and the section {@code Millrace}
     * @param changed when it was written
     */
    record Definition(UUID mapping, String json, Instant changed) {}

    /**
     * What is to be stored in place of what is there.
     *
     * @param before what {@link #load} has answered; null for nothing
     */
    record Change(Definition definition, @Nullable Definition before) {}

    /** All of them that can be read, in the order of their ids. Called every few seconds by each node. */
    List<Definition> load() throws StoreException, InterruptedException;

    /**
     * Writes all of them, or none.
     *
     * @param changes {@link #MOST_CHANGES} at most, each of another mapping
     * @return false when one of them is no longer as it was before: somebody else has changed it meanwhile
     */
    boolean put(Collection<Change> changes) throws StoreException, InterruptedException;

    /**
     * Deletes one; what is stored of its progress stays.
     *
     * @return false when there was none
     */
    boolean delete(UUID mapping) throws StoreException, InterruptedException;
}
