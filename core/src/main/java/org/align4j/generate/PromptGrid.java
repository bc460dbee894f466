package org.align4j.generate;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.align4j.tensor.Tensor;

/** Rows laid out in a grid of prompts × rows, padded to the prompt that has most, so that all of a prompt's meet it at once. */
final class PromptGrid {
    private final int prompts;
    private final int width;
    private final Tensor rowAtPlace; // (prompts × width); null where the grid is the rows themselves
    private final Tensor placeOfRow; // (rows)

    /**
     * @param promptOf of each row, its prompt; those of one stand together
     * @param keeper of the scope in which the grid lives
     */
    PromptGrid(int prompts, int[] promptOf, UnaryOperator<Tensor> keeper) {
        this.prompts = prompts;
        int[] rowsOf = new int[prompts];
        int[] numberInPrompt = new int[promptOf.length];
        for (int r = 0; r < promptOf.length; r++) {
            numberInPrompt[r] = rowsOf[promptOf[r]];
            rowsOf[promptOf[r]]++;
        }
        this.width = Arrays.stream(rowsOf).max().orElseThrow();
        if (promptOf.length == prompts * width) {
            rowAtPlace = null;
            placeOfRow = null;
            return;
        }
        int[] rows = new int[prompts * width]; // padding repeats row 0, and nobody reads it
        int[] places = new int[promptOf.length];
        for (int r = 0; r < places.length; r++) {
            places[r] = promptOf[r] * width + numberInPrompt[r];
            rows[places[r]] = r;
        }
        rowAtPlace = keeper.apply(Tensor.of(rows));
        placeOfRow = keeper.apply(Tensor.of(places));
    }

    /** (rows, kvHeads, group, n) to (prompts, kvHeads, width × group, n). */
    Tensor place(Tensor rows) {
        Tensor placed = rowAtPlace == null ? rows : rows.indexSelect(0, rowAtPlace);
        return placed.reshape(prompts, width, rows.size(1), rows.size(2), rows.size(3))
                .permute(0, 2, 1, 3, 4)
                .reshape(prompts, rows.size(1), width * rows.size(2), rows.size(3));
    }

    /** (prompts, kvHeads, width × group, n) to (rows, kvHeads, group, n). */
    Tensor rows(Tensor grid, int kvHeads, int group, long n) {
        Tensor placed = grid.reshape(prompts, kvHeads, width, group, n)
                .permute(0, 2, 1, 3, 4)
                .reshape((long) prompts * width, kvHeads, group, n);
        return placeOfRow == null ? placed : placed.indexSelect(0, placeOfRow);
    }
}
