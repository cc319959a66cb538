package dev.millrace.invoker.http;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.ParseException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.http.io.HttpMessageParserFactory;
import org.apache.hc.core5.http.io.HttpTransportMetrics;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.util.CharArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Refuses an answer that ends within its head. The library's parser takes the end of the connection for the end of the
 * head; a server that died there would then have answered 200 with an empty body, and its batch would be deleted.
 */
final class CompleteHeadParser implements HttpMessageParser<ClassicHttpResponse> {

    /** Makes parsers that are strict as to the status line: what is not HTTP is an error, not something to skip. */
    static HttpMessageParserFactory<ClassicHttpResponse> factory(Http1Config config) {
        HttpMessageParserFactory<ClassicHttpResponse> strict = new DefaultHttpResponseParserFactory(config);
        return new HttpMessageParserFactory<>() {
            @Override
            public HttpMessageParser<ClassicHttpResponse> create() {
                return new CompleteHeadParser(strict.create());
            }

            @Override
            @SuppressWarnings("deprecation") // The interface's one abstract method; its successor is above.
            public HttpMessageParser<ClassicHttpResponse> create(Http1Config ignored) {
                return create();
            }
        };
    }

    private final HttpMessageParser<ClassicHttpResponse> parser;

    private CompleteHeadParser(HttpMessageParser<ClassicHttpResponse> parser) {
        this.parser = parser;
    }

    /** Answers null when the connection ended before the head began, as the connection expects it. */
    @Override
    public @Nullable ClassicHttpResponse parse(SessionInputBuffer buffer, InputStream in)
            throws IOException, HttpException {
        Lines lines = new Lines(buffer);
        ClassicHttpResponse response = parser.parse(lines, in);
        if (lines.ended && response != null) {
            throw new ParseException("The connection ended within the head of the answer");
        }
        return response;
    }

    /** The parser's view of the buffer; notices whether the connection ended. */
    private static final class Lines implements SessionInputBuffer {

        private final SessionInputBuffer buffer;
        private boolean ended;

        Lines(SessionInputBuffer buffer) {
            this.buffer = buffer;
        }

        @Override
        public int readLine(CharArrayBuffer line, InputStream in) throws IOException {
            int length = buffer.readLine(line, in);
            ended = length < 0;
            return length;
        }

        @Override
        public int length() {
            return buffer.length();
        }

        @Override
        public int capacity() {
            return buffer.capacity();
        }

        @Override
        public int available() {
            return buffer.available();
        }

        @Override
        public int read(byte[] bytes, int offset, int length, InputStream in) throws IOException {
            return buffer.read(bytes, offset, length, in);
        }

        @Override
        public int read(byte[] bytes, InputStream in) throws IOException {
            return buffer.read(bytes, in);
        }

        @Override
        public int read(InputStream in) throws IOException {
            return buffer.read(in);
        }

        @Override
        public HttpTransportMetrics getMetrics() {
            return buffer.getMetrics();
        }
    }
}
