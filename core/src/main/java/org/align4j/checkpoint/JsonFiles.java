package org.align4j.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.align4j.AlignException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The JSON files of a checkpoint: read strictly, written the way Hugging Face's tools write them. */
public final class JsonFiles {
    /** Far above any real config.json or index: a guard against reading a file of weights by mistake. */
    private static final long LARGEST = 100_000_000;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // Python writes NaN and Infinity as bare words, and some config.json do hold them.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
            .build();

    private static final DefaultIndenter INDENT = new DefaultIndenter("  ", "\n");

    private JsonFiles() {}

    /**
     * Reads a file that holds one JSON object.
     *
     * @throws AlignException naming the file, if it is missing, unreadable, not UTF-8, not JSON, not an object or
     *     repeats a key
     */
    public static ObjectNode readObject(Path file) {
        try {
            long size = Files.size(file);
            if (size > LARGEST) {
                throw AlignException.badInput(OneLine.text(file) + ": has " + OneLine.bytes(size) + ", at most "
                        + OneLine.bytes(LARGEST) + " are expected of a JSON file; is it another file under this name?");
            }
            return parseObject(Files.readAllBytes(file), OneLine.text(file), "write it anew or download it again");
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    /** Writes the object with two spaces of indentation and a line break at the end, atomically. */
    public static void write(Path file, ObjectNode object) {
        AtomicFiles.write(file, (pretty(object) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * @param where what to call the source in messages
     * @param remedy what the user should do about damage
     */
    static ObjectNode parseObject(byte[] utf8, String where, String remedy) {
        try {
            // Decoded here, because Jackson would also accept UTF-16 and UTF-32.
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
            JsonNode root = MAPPER.readTree(text);
            if (root instanceof ObjectNode object) {
                return object;
            }
            String found = root.isMissingNode() ? "nothing" : "JSON of type " + root.getNodeType();
            throw AlignException.badInput(where + ": found " + found + ", expected an object {…}; " + remedy);
        } catch (CharacterCodingException e) {
            throw AlignException.badInput(where + ": is not UTF-8 text, expected a JSON object; " + remedy, e);
        } catch (JacksonException e) {
            String place = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw AlignException.badInput(
                    where + ": is not a JSON object: " + OneLine.text(e.getOriginalMessage()) + place + "; " + remedy,
                    e);
        }
    }

    static byte[] compact(ObjectNode object) {
        return MAPPER.writeValueAsBytes(object);
    }

    public static ObjectNode newObject() {
        return MAPPER.createObjectNode();
    }

    private static String pretty(ObjectNode object) {
        Separators separators = Separators.createDefaultInstance()
                .withObjectNameValueSpacing(Separators.Spacing.AFTER)
                .withObjectEmptySeparator("")
                .withArrayEmptySeparator("");
        DefaultPrettyPrinter printer =
                new DefaultPrettyPrinter(separators).withObjectIndenter(INDENT).withArrayIndenter(INDENT);
        return MAPPER.writer().with(printer).writeValueAsString(object);
    }
}
