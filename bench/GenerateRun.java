import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.align4j.checkpoint.ModelFolder;
import org.align4j.checkpoint.ModelLoader;
import org.align4j.generate.Generator;
import org.align4j.generate.Sampling;
import org.align4j.model.CausalLm;
import org.align4j.tensor.Dtype;
import org.align4j.text.Tokenizer;

/**
 * Samples from one prompt, to the last token, several times, and prints the last time's tokens/s: our side of
 * compare_generate.sh.
 */
public class GenerateRun {
    public static void main(String[] args) {
        Path path = Path.of(args[0]);
        Sampling sampling = Sampling.plain(Integer.parseInt(args[2]), Integer.parseInt(args[3]), 0);
        Dtype dtype = args[4].equals("bf16") ? Dtype.BF16 : Dtype.F32;
        try (ModelFolder folder = ModelFolder.open(path);
                Tokenizer tokenizer = Tokenizer.load(path);
                CausalLm model = ModelLoader.load(folder, dtype, false);
                Generator generator = new Generator(model, Set.of())) {
            List<int[]> prompts = List.of(tokenizer.encode(args[1]));
            for (int warmUp = 0; warmUp < 3; warmUp++) {
                generator.generate(prompts, sampling);
            }
            long start = System.nanoTime();
            generator.generate(prompts, sampling);
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.println(sampling.completions() * sampling.maxNewTokens() / seconds);
        }
    }
}
