import { createRequire } from "node:module";
import type { Trained, TrainingTask } from "./task.js";

type Tensorflow = typeof import("@tensorflow/tfjs");
type Tensor = import("@tensorflow/tfjs").Tensor2D;

/** TensorFlow.js on its WebAssembly backend, and how that runs. */
export interface Tfjs {
  readonly hasSimd: boolean;
  readonly threads: number;
  train(task: TrainingTask): Promise<Trained>;
}

/**
 * The backend as it is at its best in Node.js: SIMD, and one thread, since its threads need a browser's shared memory. Its .wasm file lies in its package. It trains by the core API with
 * fused layers, which costs less than its `fit`, and has all batches as tensors before the clock starts.
 */
export async function openTfjs(): Promise<Tfjs> {
  // Both are CommonJS whose names Node.js cannot see from a module.
  const load = createRequire(import.meta.url);
  const tf = load("@tensorflow/tfjs") as Tensorflow;
  const backend = load("@tensorflow/tfjs-backend-wasm") as typeof import("@tensorflow/tfjs-backend-wasm");
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js has no WebAssembly backend here.");
  await tf.ready();
  return {
    hasSimd: await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT").then(Boolean),
    threads: backend.getThreadsCount(),
    train: (task) => train(tf, task),
  };
}

async function train(tf: Tensorflow, task: TrainingTask): Promise<Trained> {
  const { learningRate, beta1, beta2, epsilon } = task.adam;
  const layers = layersOf(tf, task);
  const batches = batchesOf(tf, task);
  const optimizer = tf.train.adam(learningRate, beta1, beta2, epsilon);
  const startedAt = performance.now();
  for (let epoch = 0; epoch < task.epochs; epoch++) {
    for (const { values, labels } of batches) {
      optimizer.minimize(() => tf.losses.sigmoidCrossEntropy(labels, logits(tf, layers, values)));
    }
  }
  // Work is done when it is asked for: the last weights are read within the time.
  await layers.at(-1)?.weights.data();
  const ms = performance.now() - startedAt;
  const loss = meanLoss(tf, layers, batches);
  tf.disposeVariables();
  for (const { values, labels } of batches) tf.dispose([values, labels]);
  optimizer.dispose();
  return { ms, loss };
}

type Layers = ReturnType<typeof layersOf>;

/** The start model's layers; theirs are inputs x outputs, ours outputs x inputs. */
function layersOf(tf: Tensorflow, { start: { shape, parameters } }: TrainingTask) {
  let at = 0;
  return shape.widths.slice(1).map((outputs, index) => {
    const inputs = shape.widths[index] ?? 0;
    const weights = tf.tidy(() =>
      tf.tensor2d(parameters.slice(at, at + inputs * outputs), [outputs, inputs]).transpose(),
    );
    at += inputs * outputs;
    const biases = tf.tensor1d(parameters.slice(at, at + outputs));
    at += outputs;
    const isLast = index === shape.widths.length - 2;
    return { weights: tf.variable(weights), biases: tf.variable(biases), isLast };
  });
}

function batchesOf(tf: Tensorflow, { rows: { values, labels, columns }, batchRows }: TrainingTask) {
  return Array.from({ length: Math.ceil(labels.length / batchRows) }, (_, batch) => {
    const [from, to] = [batch * batchRows, Math.min(labels.length, (batch + 1) * batchRows)];
    return {
      values: tf.tensor2d(values.slice(from * columns, to * columns), [to - from, columns]),
      labels: tf.tensor2d(labels.slice(from, to), [to - from, 1]),
    };
  });
}

function logits(tf: Tensorflow, layers: Layers, values: Tensor): Tensor {
  return layers.reduce((inputs: Tensor, { weights, biases, isLast }) => {
    return tf.fused.matMul({ a: inputs, b: weights, bias: biases, activation: isLast ? "linear" : "relu" }) as Tensor;
  }, values);
}

function meanLoss(tf: Tensorflow, layers: Layers, batches: ReturnType<typeof batchesOf>): number {
  let [loss, rows] = [0, 0];
  for (const { values, labels } of batches) {
    const mean = tf.tidy(() => tf.losses.sigmoidCrossEntropy(labels, logits(tf, layers, values)).dataSync()[0] ?? 0);
    loss += mean * values.shape[0];
    rows += values.shape[0];
  }
  return loss / rows;
}
