// An adapter: says which tensors of a case are which arrays of yours. It runs as it is; put your own code in.
//
//     @SMOKE@      first contact: every line to and fro
//     @CHECK@      every case that uses none but your operations

import { createInterface } from "node:readline";

// ---------------------------------------------------------------- your code: import it here, in place of these
const array = (shape, values) => ({ shape, values: Float64Array.from(values) });

/** y = x W + b, and what takes dy back to dx and to the parameters. */
function linear([x], { W, b }) {
  const [D, K] = W.shape;
  const N = x.values.length / D;
  const y = new Float64Array(N * K);
  for (let n = 0; n < N; n++)
    for (let k = 0; k < K; k++) {
      y[n * K + k] = b ? b.values[k] : 0;
      for (let d = 0; d < D; d++) y[n * K + k] += x.values[n * D + d] * W.values[d * K + k];
    }
  const backward = ({ values: dy }) => {
    const [dx, dW, db] = [N * D, D * K, K].map((size) => new Float64Array(size));
    for (let n = 0; n < N; n++)
      for (let k = 0; k < K; k++) {
        db[k] += dy[n * K + k];
        for (let d = 0; d < D; d++) {
          dx[n * D + d] += dy[n * K + k] * W.values[d * K + k];
          dW[d * K + k] += dy[n * K + k] * x.values[n * D + d];
        }
      }
    return [array(x.shape, dx), { W: array(W.shape, dW), b: array([K], db) }];
  };
  return [array([...x.shape.slice(0, -1), K], y), backward];
}

/** The loss, and its gradient. */
function mean_squared_error(prediction, target) {
  const errors = prediction.values.map((p, i) => p - target.values[i]);
  const loss = errors.reduce((total, e) => total + e * e, 0) / errors.length;
  return [array([], [loss]), array(prediction.shape, errors.map((e) => (2 * e) / errors.length))];
}

const LAYERS = { linear }; // the catalogue's name of an operation -> yours
const LOSSES = { mean_squared_error };
const OPTIONS = { reduction: "mean", scale: "whole" }; // what yours do; a case that asks for more is refused

// ---------------------------------------------------------------- the adapter
class Unsupported extends Error {}

function gradients(problem) {
  for (const { op, options } of [...problem.network, ...(problem.loss ? [problem.loss] : [])])
    for (const [name, value] of Object.entries(options))
      if (OPTIONS[name] !== value) throw new Unsupported(`${op} has no ${name} = ${JSON.stringify(value)}`);
  const values = { ...problem.inputs }, trace = {}, found = {}, backwards = [];
  for (const layer of problem.network) {
    const own = Object.entries(layer.parameters).map(([name, full]) => [name, problem.parameters[full]]);
    const inputs = layer.inputs.map((name) => values[name]);
    const [y, backward] = LAYERS[layer.op](inputs, Object.fromEntries(own));
    values[layer.name] = trace[`output.${layer.name}`] = y;
    found[layer.name] = array(y.shape, y.values.map(() => 0));
    backwards.unshift([layer, backward]);
  }
  const last = problem.network.at(-1).name;
  if (problem.loss) {
    const [loss, gradient] = LOSSES[problem.loss.op](values[last], values[problem.loss.targets.target]);
    const above = problem.upstream ? problem.upstream.values[0] : 1; // the gradient of what stands above the loss
    trace.loss = loss;
    found[last] = array(gradient.shape, gradient.values.map((g) => g * above));
  } else found[last] = problem.upstream;
  for (const [layer, backward] of backwards) {
    const [dx, own] = backward(found[layer.name]);
    const parts = Object.entries(layer.parameters).map(([name, full]) => [full, own[name]]);
    for (const [name, part] of [[layer.inputs[0], dx], ...parts]) // what is used twice gets a part from each use
      found[name] = found[name] ? array(part.shape, part.values.map((g, i) => g + found[name].values[i])) : part;
  }
  for (const [name, gradient] of Object.entries(found)) trace[`gradient.${name}`] = gradient;
  return trace;
}

// ---------------------------------------------------------------- the protocol: a line in, a line out
/** Arrays come as the base64 of their bytes, C order and little endian; labels are int64. */
function unpack(_, value) {
  if (typeof value?.dtype !== "string") return value;
  const bytes = new Uint8Array(Buffer.from(value.data, "base64")).buffer;
  return array(value.shape, value.dtype === "int64" ? Array.from(new BigInt64Array(bytes), Number) : new Float64Array(bytes));
}

const pack = ({ shape, values }) => ({ dtype: "float64", shape, data: Buffer.from(values.buffer).toString("base64") });

function answer({ kind, id, check, problem }) {
  if (kind === "describe") {
    const operations = [...Object.keys(LAYERS), ...Object.keys(LOSSES)];
    return { kind: "description", id, protocol: 1, name: "mine", version: "0.1", precisions: ["float64"], operations };
  }
  try {
    if (check !== "gradients") throw new Unsupported(`there is no ${check} yet`);
    const trace = Object.entries(gradients(problem)).map(([name, values]) => [name, pack(values)]);
    return { kind: "trace", id, trace: Object.fromEntries(trace) };
  } catch (error) {
    if (error instanceof Unsupported) return { kind: "unsupported", id, reason: error.message };
    return { kind: "error", id, reason: String(error), details: error.stack };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line, unpack);
  if (request.kind === "stop") break;
  process.stdout.write(JSON.stringify(answer(request)) + "\n");
}
