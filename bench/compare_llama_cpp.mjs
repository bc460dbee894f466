// Exports a model as GGUF and completes the same prompts greedily here and in llama.cpp, from the same file: whether the
// texts agree, and how far the log-probabilities of their tokens are apart.
//
//   node bench/compare_llama_cpp.mjs NODE_FOLDER MODEL [TYPE,...] [NEW_TOKENS]
//
// NODE_FOLDER is where "npm install node-llama-cpp" was run: it brings llama.cpp built. With "own" as type MODEL is a GGUF
// file, which both sides read as it is.
import {execFileSync} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join, resolve} from "node:path";
import {fileURLToPath, pathToFileURL} from "node:url";

const [nodeFolder, model, types = "f32,f16,bf16,q8_0,q4_1,q4_0", newTokens = "32"] = process.argv.slice(2);
const align4j = join(dirname(fileURLToPath(import.meta.url)), "..", "align4j");
const entry = resolve(nodeFolder, "node_modules/node-llama-cpp/dist/index.js");
const {getLlama} = await import(pathToFileURL(entry).href);
const llama = await getLlama({gpu: false, build: "never", logLevel: "error"});
const work = mkdtempSync(join(tmpdir(), "gguf-"));

const prompts = [
    "Once upon a time",
    "The old lighthouse keeper had seen many storms, but",
    "The capital of France is",
    "One day, a girl named Sue saw a big dog. Sue said, \"",
    "In 1987, 12345 people lived there; in 2024 it was",
    "It's Zoë's café — they don't sell naïve 😀 coffee,",
    "def add(a, b):\n    ",
    "   Three spaces,\ttabs\n\nand lines:\n",
];
try {
    prompts.push(ask("Why is the sky blue?"), ask("Write a haiku about rain."));
} catch {
    // A model without a chat template.
}

function ask(content) {
    const messages = join(work, "messages.json");
    writeFileSync(messages, JSON.stringify([{role: "user", content}]));
    return execFileSync(align4j,
        ["template", "--model", model, "--messages", messages, "--add-generation-prompt"], {stdio: ["ignore", "pipe", "ignore"]})
        .toString();
}

function ours(source) {
    const output = join(work, "ours.jsonl");
    rmSync(output, {force: true});
    execFileSync(align4j, ["generate", "--model", source, "--data", join(work, "prompts.jsonl"), "--output", output,
        "--greedy", "--logps", "--max-new-tokens", newTokens], {stdio: ["ignore", "ignore", "inherit"]});
    return readFileSync(output, "utf8").trim().split("\n").map((line) => JSON.parse(line).completions[0]);
}

async function theirs(file) {
    const loaded = await llama.loadModel({modelPath: file});
    const context = await loaded.createContext({contextSize: 1024, threads: 2});
    const completions = [];
    for (const prompt of prompts) {
        const sequence = context.getSequence();
        const tokens = loaded.tokenize(prompt, true);
        if (loaded.tokens.shouldPrependBosToken && tokens[0] !== loaded.tokens.bos)
            tokens.unshift(loaded.tokens.bos);
        const said = [], logps = [];
        for await (const {token, confidence} of
            sequence.evaluateWithMetadata(tokens, {confidence: true}, {temperature: 0, yieldEogToken: true})) {
            logps.push(Math.log(confidence));
            if (!loaded.isEogToken(token))
                said.push(token);
            if (loaded.isEogToken(token) || logps.length >= Number(newTokens))
                break;
        }
        completions.push({text: loaded.detokenize(said, false, tokens), logps});
        sequence.dispose();
    }
    await loaded.dispose();
    return completions;
}

try {
    writeFileSync(join(work, "prompts.jsonl"), prompts.map((prompt) => JSON.stringify({prompt}) + "\n").join(""));
    for (const type of types.split(",")) {
        const own = type === "own";
        const file = own ? resolve(model) : join(work, `${type}.gguf`);
        if (!own)
            execFileSync(align4j, ["export", "gguf", "--model", model, "--type", type, "--output", file], {stdio: "ignore"});
        const a = ours(file), b = await theirs(file);
        let equal = 0, sum = 0, count = 0, most = 0;
        prompts.forEach((prompt, i) => {
            const same = a[i].text === b[i].text;
            equal += same ? 1 : 0;
            if (!same) {
                console.log(`  ${type} ${JSON.stringify(prompt.slice(-30))}\n    here      ${JSON.stringify(a[i].text)}`
                    + `\n    llama.cpp ${JSON.stringify(b[i].text)}`);
                return;
            }
            for (let t = 0; t < Math.min(a[i].logps.length, b[i].logps.length); t++) {
                const difference = Math.abs(a[i].logps[t] - b[i].logps[t]);
                sum += difference;
                most = Math.max(most, difference);
                count++;
            }
        });
        console.log(`${type.padEnd(5)} ${statSync(file).size} bytes, equal texts ${equal} of ${prompts.length}, `
            + `log-probabilities of ${count} tokens apart by ${(sum / count).toFixed(4)} on average, ${most.toFixed(4)} at most`);
        if (!own)
            rmSync(file);
    }
} finally {
    rmSync(work, {recursive: true, force: true});
}
process.exit(0);
