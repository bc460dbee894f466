package org.align4j.data;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Takes rows one after the other; the file is whole when it is closed. */
interface RowWriter extends AutoCloseable {
    void write(ObjectNode row) throws IOException;

    @Override
    void close() throws IOException;

    /** An object a line. */
    static RowWriter jsonLines(OutputStream out) {
        return new Json(out, "", "\n", "");
    }

    /** An array of objects, each on a line of its own. */
    static RowWriter jsonArray(OutputStream out) {
        return new Json(out, "[\n", "", "\n]\n");
    }

    /** Rows between a beginning and an end; where no row has an end of its own, a comma stands between two. */
    final class Json implements RowWriter {
        private static final JsonMapper JSON = new JsonMapper();

        private final OutputStream out;
        private final String before;
        private final String rowEnd;
        private final String after;
        private boolean begun;

        private Json(OutputStream out, String before, String rowEnd, String after) {
            this.out = out;
            this.before = before;
            this.rowEnd = rowEnd;
            this.after = after;
        }

        @Override
        public void write(ObjectNode row) throws IOException {
            print(!begun ? before : rowEnd.isEmpty() ? ",\n" : "");
            begun = true;
            out.write(JSON.writeValueAsBytes(row));
            print(rowEnd);
        }

        private void print(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void close() throws IOException {
            print((begun ? "" : before) + after);
            out.close();
        }
    }
}
