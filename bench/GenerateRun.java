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
 * Samples from one prompt, to the last token, again and again, and prints tokens/s of the first time and of five seconds
 * after ten: our side of compare_generate.sh.
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
            Runnable sample = () -> generator.generate(prompts, sampling);
            int tokens = sampling.completions() * sampling.maxNewTokens();
            double first = tokens * perSecond(0, sample);
            perSecond(10, sample); // to warm up
            System.out.println(first + " " + tokens * perSecond(5, sample));
        }
    }

    /** How often a second it ran, once at least and then until so many seconds have passed. */
    private static double perSecond(double seconds, Runnable work) {
        long start = System.nanoTime();
        double passed;
        int times = 0;
        do {
            work.run();
            times++;
            passed = (System.nanoTime() - start) / 1e9;
        } while (passed < seconds);
        return times / passed;
    }
}
