package dev.millrace.kinesis;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2, by TLS or without, in front of a server that speaks HTTP/1.1 only: passes requests on, and the answers back as they
 * come and as the client's windows allow.
 */
final class Http2Front implements AutoCloseable {

    private final EventLoopGroup threads = new NioEventLoopGroup(1);
    private final URI server;
    private final @Nullable SslContext tls;
    private final Channel listener;
    /** What clients and this server have agreed upon by ALPN, in the order of connections; the text null where they have not. */
    final List<String> agreed = new CopyOnWriteArrayList<>();

    final List<Channel> connections = new CopyOnWriteArrayList<>();
    /** In the order of their requests. */
    final List<Answer> answers = new CopyOnWriteArrayList<>();

    /** An answer on its way: one stream of HTTP/2. */
    record Answer(Channel stream, AtomicLong sentBytes) {

        /** Whether the client's window is used up. */
        boolean isHeldBack() {
            return !stream.isWritable();
        }

        void reset() {
            var _ = stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
        }

        private void send(Http2StreamFrame frame) throws IOException, InterruptedException {
            ChannelFuture sent = stream.writeAndFlush(frame).await();
            if (!sent.isSuccess()) {
                throw new IOException(sent.cause());
            }
        }
    }

    Http2Front(URI server) {
        this(server, null);
    }

    /** Speaks TLS, and HTTP/2 whether the client asks for it by ALPN or just begins with it. */
    static Http2Front byTls(URI server, SSLContext tls) {
        ApplicationProtocolConfig alpn = new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                ApplicationProtocolNames.HTTP_2,
                ApplicationProtocolNames.HTTP_1_1);
        return new Http2Front(
                server,
                new JdkSslContext(
                        tls, false, null, IdentityCipherSuiteFilter.INSTANCE, alpn, ClientAuth.NONE, null, false));
    }

    private Http2Front(URI server, @Nullable SslContext tls) {
        this.server = server;
        this.tls = tls;
        this.listener = new ServerBootstrap()
                .group(threads)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        connections.add(connection);
                        if (tls != null) {
                            SslHandler handler = tls.newHandler(connection.alloc());
                            handler.handshakeFuture()
                                    .addListener(_ -> agreed.add(String.valueOf(handler.applicationProtocol())));
                            connection.pipeline().addLast(handler);
                        }
                        connection
                                .pipeline()
                                .addLast(
                                        Http2FrameCodecBuilder.forServer().build(),
                                        new Http2MultiplexHandler(new Exchange()));
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    URI endpoint() {
        return URI.create((tls == null ? "http" : "https") + "://127.0.0.1:"
                + ((InetSocketAddress) listener.localAddress()).getPort());
    }

    /** Asks the client to begin nothing more on this connection. */
    void goAway(Channel connection) {
        connection
                .writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR))
                .syncUninterruptibly();
    }

    /** Gives each stream its handler. */
    private final class Exchange extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel stream) {
            stream.pipeline().addLast(new Request());
        }
    }

    /** Collects a request and passes it on when it is complete. */
    private final class Request extends SimpleChannelInboundHandler<Http2StreamFrame> {
        private final Http2Headers headers = new DefaultHttp2Headers();
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();

        @Override
        protected void channelRead0(ChannelHandlerContext context, Http2StreamFrame frame) throws IOException {
            if (frame instanceof Http2HeadersFrame received) {
                headers.add(received.headers());
            } else if (frame instanceof Http2DataFrame data) {
                data.content().readBytes(body, data.content().readableBytes());
                if (data.isEndStream()) {
                    Answer answer = new Answer(context.channel(), new AtomicLong());
                    answers.add(answer);
                    Thread.ofVirtual().start(() -> pass(answer));
                }
            }
        }

        private void pass(Answer answer) {
            try {
                HttpURLConnection call = (HttpURLConnection) server.toURL().openConnection();
                call.setDoOutput(true);
                headers.forEach(header -> {
                    if (header.getKey().charAt(0) != ':') {
                        call.setRequestProperty(
                                header.getKey().toString(), header.getValue().toString());
                    }
                });
                call.getOutputStream().write(body.toByteArray());
                pass(call, answer);
            } catch (IOException e) {
                // One side has gone; the other one shall know.
                answer.reset();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void pass(HttpURLConnection call, Answer answer) throws IOException, InterruptedException {
            Http2Headers head = new DefaultHttp2Headers().status(String.valueOf(call.getResponseCode()));
            head.add("content-type", call.getContentType());
            answer.send(new DefaultHttp2HeadersFrame(head));
            try (InputStream bytes = call.getInputStream()) {
                byte[] piece = new byte[64 * 1024];
                for (int length = bytes.read(piece); length >= 0; length = bytes.read(piece)) {
                    answer.send(new DefaultHttp2DataFrame(Unpooled.copiedBuffer(piece, 0, length)));
                    answer.sentBytes().addAndGet(length);
                }
            }
            answer.send(new DefaultHttp2DataFrame(true));
        }
    }

    @Override
    public void close() {
        var _ = threads.shutdownGracefully(0, 10, TimeUnit.SECONDS);
    }
}
