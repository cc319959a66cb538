package dev.millrace.invoke;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PayloadTest {

    private static final Payload PARTS =
            Payload.joined(List.of(part("one "), Payload.joined(List.of(part(""), part("zwei "))), part("trè")));

    private static Payload part(String text) {
        return Payload.ofText(text);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void joinsItsParts() {
        assertThat(PARTS.size()).isEqualTo(13);
        assertThat(PARTS.text()).isEqualTo("one zwei trè");
        assertThat(PARTS.bytes()).hasSize(13);
    }

    @Test
    void writesTheSameBytes() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PARTS.writeTo(out);

        assertThat(out.toByteArray()).isEqualTo(PARTS.bytes());
    }

    @Test
    void writesSmallPartsTogetherAndLargeOnesAsTheyAre() throws IOException {
        List<Payload> parts = new ArrayList<>();
        for (int size : new int[] {1, 100_000, 30_000, 2_000, 200_000, 131_072, 5, 0, 131_067, 1}) {
            byte[] bytes = new byte[size];
            Arrays.fill(bytes, (byte) parts.size());
            parts.add(Payload.of(bytes));
        }
        Payload all = Payload.joined(parts);
        List<Integer> writes = new ArrayList<>();
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public synchronized void write(byte[] bytes, int from, int length) {
                writes.add(length);
                super.write(bytes, from, length);
            }
        };
        all.writeTo(out);

        assertThat(out.toByteArray()).isEqualTo(all.bytes());
        assertThat(writes).containsExactly(130_001, 2_000, 200_000, 131_072, 131_072, 1);
    }

    @Test
    void aSingleArrayIsNotCopied() {
        byte[] bytes = bytes("text");

        assertThat(Payload.of(bytes).bytes()).isSameAs(bytes);
        assertThat(Payload.EMPTY.bytes()).isEmpty();
        assertThat(Payload.EMPTY.size()).isZero();
    }

    @Test
    void keepsItsContentOutOfLogs() {
        assertThat(Payload.ofText("secret")).hasToString("Payload[6 bytes]");
    }
}
