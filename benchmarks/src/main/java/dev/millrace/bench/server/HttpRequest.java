package dev.millrace.bench.server;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One HTTP request as a window over its connection's buffer. Confined to the loop's thread; valid only while it is being
 * served.
 */
public final class HttpRequest {
    private static final int MAX_HEAD_BYTES = 64 * 1024;

    private byte[] bytes = new byte[0];
    private int headStart;
    private int headEnd;
    private int bodyStart;
    private int bodyEnd;
    private int end;
    private boolean expectsContinue;

    /**
     * Reads the request that begins at {@code from}, when {@code buffer} holds all of it up to {@code to}.
     *
     * @return false when more bytes are needed
     * @throws IllegalArgumentException when this is not an HTTP request
     */
    boolean parse(byte[] buffer, int from, int to) {
        bytes = buffer;
        headStart = from;
        expectsContinue = false;
        int blankLine = indexOfBlankLine(from, to);
        if (blankLine < 0) {
            if (to - from > MAX_HEAD_BYTES) {
                throw new IllegalArgumentException("request head above " + MAX_HEAD_BYTES + " bytes");
            }
            return false;
        }
        headEnd = blankLine + 2;
        bodyStart = blankLine + 4;
        expectsContinue = headerAt("expect") >= 0;
        if (headerAt("transfer-encoding") >= 0) {
            return parseChunks(to);
        }
        int length = headerAt("content-length");
        bodyEnd = bodyStart + (length < 0 ? 0 : digits(length));
        end = bodyEnd;
        return end <= to;
    }

    private int indexOfBlankLine(int from, int to) {
        for (int i = from; i + 3 < to; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** First checks that all chunks are there, only then joins them: an incomplete request must stay as it came. */
    private boolean parseChunks(int to) {
        int last = walkChunks(to, false);
        if (last < 0) {
            return false;
        }
        walkChunks(to, true);
        end = last;
        return true;
    }

    private int walkChunks(int to, boolean join) {
        int at = bodyStart;
        int joined = bodyStart;
        while (at < to) {
            int size = 0;
            while (at < to && bytes[at] != '\r' && bytes[at] != ';') {
                size = size * 16 + Character.digit(bytes[at++], 16);
            }
            while (at < to && bytes[at] != '\n') {
                at++;
            }
            int data = at + 1;
            if (size < 0 || data + size + 2 > to) {
                return -1;
            }
            if (join) {
                System.arraycopy(bytes, data, bytes, joined, size);
                joined += size;
                bodyEnd = joined;
            }
            at = data + size + 2;
            if (size == 0) {
                return at;
            }
        }
        return -1;
    }

    /** Where the value of the header {@code lowerCaseName} begins, or -1. */
    private int headerAt(String lowerCaseName) {
        int line = nextLine(headStart);
        while (line < headEnd) {
            int colon = line + lowerCaseName.length();
            if (colon < headEnd && bytes[colon] == ':' && startsWith(line, lowerCaseName)) {
                int value = colon + 1;
                while (bytes[value] == ' ') {
                    value++;
                }
                return value;
            }
            line = nextLine(line);
        }
        return -1;
    }

    private int nextLine(int from) {
        int at = from;
        while (at < headEnd && bytes[at] != '\n') {
            at++;
        }
        return at + 1;
    }

    private boolean startsWith(int at, String lowerCase) {
        for (int i = 0; i < lowerCase.length(); i++) {
            int letter = bytes[at + i];
            if ((letter >= 'A' && letter <= 'Z' ? letter + 32 : letter) != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private int digits(int at) {
        int value = 0;
        for (int i = at; bytes[i] >= '0' && bytes[i] <= '9'; i++) {
            value = Math.addExact(Math.multiplyExact(value, 10), bytes[i] - '0');
        }
        return value;
    }

    /** A header's value, or the empty string. */
    public String header(String name) {
        int from = headerAt(name.toLowerCase(Locale.ROOT));
        if (from < 0) {
            return "";
        }
        int to = from;
        while (bytes[to] != '\r') {
            to++;
        }
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** True for {@code GET}: the canned servers' own pages; their real work always comes by POST. */
    public boolean isGet() {
        return bytes[headStart] == 'G';
    }

    /** The request target, such as {@code /stats}. */
    public String path() {
        int from = headStart;
        while (bytes[from] != ' ') {
            from++;
        }
        int to = from + 1;
        while (bytes[to] != ' ') {
            to++;
        }
        return new String(bytes, from + 1, to - from - 1, StandardCharsets.ISO_8859_1);
    }

    boolean expectsContinue() {
        return expectsContinue;
    }

    boolean asksToClose() {
        return "close".equalsIgnoreCase(header("connection"));
    }

    /** The buffer that {@link #bodyStart} and {@link #bodyEnd} index. */
    public byte[] bytes() {
        return bytes;
    }

    public int bodyStart() {
        return bodyStart;
    }

    public int bodyEnd() {
        return bodyEnd;
    }

    /** The index behind the request's last byte. */
    int end() {
        return end;
    }
}
