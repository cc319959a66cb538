package dev.millrace.invoke;

import dev.millrace.config.Section;

/**
 * Makes invokers of one type. Found by {@link java.util.ServiceLoader}: a jar on the class path that names an
 * implementation in {@code META-INF/services} adds a type.
 */
public interface InvokerProvider {

    /** The key in a function's configuration that selects this type, such as {@code Http}. */
    String type();

    /**
     * Reads the type's section and answers how to open the invoker. Called once per function and version while the
     * configuration is read, also by {@code millrace validate}: must not connect, start or create anything. Wrong values
     * are added to the section's problems; the answer is then never used.
     */
    InvokerFactory configure(FunctionSettings function, Section section);

    /** Opens the invoker of one function version. */
    @FunctionalInterface
    interface InvokerFactory {

        /** Called once per start of the daemon; may start threads and processes, must not wait for the function. */
        Invoker open();
    }
}
