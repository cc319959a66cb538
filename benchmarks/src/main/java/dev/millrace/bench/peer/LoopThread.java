package dev.millrace.bench.peer;

/** A virtual thread whose end is the process's end: a consumer that lost a thread would be measured as a slow one. */
final class LoopThread {
    private LoopThread() {}

    static void start(String name, Runnable loop) {
        Thread.ofVirtual()
                .name(name)
                .uncaughtExceptionHandler(LoopThread::endProcess)
                .start(loop);
    }

    @SuppressWarnings("SystemExitOutsideMain") // See the class.
    private static void endProcess(Thread thread, Throwable error) {
        System.err.println(thread.getName() + " failed");
        error.printStackTrace();
        System.exit(1);
    }
}
