// A small neural network library in JavaScript, and the adapter that has it judged. Plain Node, no package.
//
// What it shows: the process protocol, one JSON object a line, in a language that is not Python. `describe` says which
// operations there are, so that nothing else is asked; what an operation has no choice for is answered "unsupported".
//
// Run it, from the folder above:    backproof check -- node examples/javascript/adapter.mjs
// What that finds: every tensor agrees. Numbers in JavaScript are float64, so float32 is not offered.

import { createInterface } from "node:readline";

// ---------------------------------------------------------------- the library: arrays are {shape, values}, values flat
const array = (shape, values) => ({ shape, values });
const zip = (a, b, f) => array(a.shape, a.values.map((x, i) => f(x, b.values[i])));
const map = (a, f) => array(a.shape, a.values.map((x) => f(x)));
const add = (a, b) => (a ? zip(a, b, (x, y) => x + y) : b);
const mapped = (object, f) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, f(value)]));
const sum = (values) => values.reduce((total, x) => total + x, 0);
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** Each row's e^(x − the row's largest), so that nothing overflows, beside their sum. */
function exponentials({ shape, values }) {
  const columns = shape.at(-1);
  const rows = [];
  for (let start = 0; start < values.length; start += columns) {
    const row = values.slice(start, start + columns);
    const exps = row.map((x) => Math.exp(x - Math.max(...row)));
    rows.push({ row, exps, total: sum(exps) });
  }
  return rows;
}

/** An activation from its value and its slope, the latter as a function of x and y. */
const elementwise = (value, slope) => ([x]) => {
  const y = map(x, value);
  const slopes = zip(x, y, slope);
  return { y, backward: (dy) => ({ inputs: [zip(dy, slopes, (d, s) => d * s)] }) };
};

/** Layers: (inputs, parameters, options) => {y, backward}; `backward` gives gradients of the inputs and parameters. */
const layers = {
  /** y = x W + b. Leading axes of x beyond one are rows like any other. */
  linear([x], { W, b }) {
    const [D, K] = W.shape;
    const N = x.values.length / D;
    const y = new Float64Array(N * K);
    for (let n = 0; n < N; n++)
      for (let k = 0; k < K; k++) {
        let total = b ? b.values[k] : 0;
        for (let d = 0; d < D; d++) total += x.values[n * D + d] * W.values[d * K + k];
        y[n * K + k] = total;
      }
    const backward = (dy) => {
      const [dx, dW, db] = [x.values.length, D * K, K].map((size) => new Float64Array(size));
      for (let n = 0; n < N; n++)
        for (let k = 0; k < K; k++) {
          const delta = dy.values[n * K + k];
          db[k] += delta;
          for (let d = 0; d < D; d++) {
            dx[n * D + d] += delta * W.values[d * K + k];
            dW[d * K + k] += delta * x.values[n * D + d];
          }
        }
      const parameters = { W: array(W.shape, dW), ...(b && { b: array(b.shape, db) }) };
      return { inputs: [array(x.shape, dx)], parameters };
    };
    return { y: array([...x.shape.slice(0, -1), K], y), backward };
  },

  identity: elementwise((x) => x, () => 1),
  /** The slope 1 − y² has no digits left where y is nearly 1; 1 / cosh² x has them all. */
  tanh(inputs, _, head) {
    options(head, { tails: "rounded" }, { tails: ["rounded", "exact"] });
    return elementwise(Math.tanh, (x) => 1 / Math.cosh(x) ** 2)(inputs);
  },

  relu(inputs, _, head) {
    const { at_zero } = options(head, { at_zero: 0 });
    return elementwise((x) => (x < 0 ? 0 : x), (x) => (x > 0 ? 1 : x === 0 ? at_zero : 0))(inputs);
  },

  sigmoid(inputs, _, head) {
    options(head, { tails: "rounded" }, { tails: ["rounded", "exact"] }); // σ(x) σ(−x) is right for both
    return elementwise(sigmoid, (x, y) => y * sigmoid(-x))(inputs);
  },

  softmax([x], _, head) {
    options(head, { axis: -1, masked: "undefined", tails: "rounded" },
      { axis: [-1, x.shape.length - 1], masked: ["undefined"], tails: ["rounded", "exact"] });
    const shares = exponentials(x).flatMap(({ exps, total }) => [...exps.map((e) => e / total)]);
    const y = array(x.shape, Float64Array.from(shares));
    const columns = x.shape.at(-1);
    const backward = (dy) => {
      const dx = new Float64Array(y.values.length);
      for (let start = 0; start < dx.length; start += columns) {
        const p = y.values.subarray(start, start + columns);
        const d = dy.values.slice(start, start + columns);
        const largest = d[p.indexOf(Math.max(...p))]; // taken from all: it changes nothing, and no digits are lost
        const shifted = d.map((value) => value - largest);
        const mean = sum(shifted.map((value, j) => value * p[j]));
        p.forEach((share, j) => { dx[start + j] = share * (shifted[j] - mean); });
      }
      return { inputs: [array(x.shape, dx)] };
    };
    return { y, backward };
  },
};

/** Losses: (prediction, targets, head) => {value, backward}; `backward` takes the gradient from above, or null. */
const losses = {
  mean_squared_error(prediction, { target }, head) {
    const { reduction, scale } = options(head, { reduction: "mean", scale: "whole" },
      { reduction: REDUCTIONS, scale: ["whole", "half"] });
    const factor = scale === "half" ? 0.5 : 1;
    const error = zip(prediction, target, (p, t) => p - t);
    return reduced(map(error, (e) => factor * e * e), map(error, (e) => 2 * factor * e), reduction);
  },

  /** −ln softmax(x)_y, from what the other classes have: no digit is lost in either tail. */
  cross_entropy(prediction, { target, weight }, head) {
    const { reduction } = options(head, { reduction: "mean", tails: "rounded" },
      { reduction: REDUCTIONS, tails: ["rounded", "exact"] });
    if (weight || prediction.shape.length !== 2 || target.shape.length !== 1)
      throw new Unsupported("cross_entropy takes rows of logits and one label for each, without weights");
    const terms = [], slopes = [];
    exponentials(prediction).forEach(({ row, exps, total }, n) => {
      const label = target.values[n];
      const others = sum(exps.filter((_, c) => c !== label)); // 1 − p is others / total
      const likely = exps[label] === 1; // the largest, or one of them
      terms.push(likely ? Math.log1p(others) : Math.log(total) + (Math.max(...row) - row[label]));
      exps.forEach((e, c) => slopes.push(c === label ? -others / total : e / total));
    });
    return reduced(array(target.shape, terms), array(prediction.shape, slopes), reduction);
  },
};

const REDUCTIONS = ["mean", "sum", "none"];

/** The loss of its terms, and how a gradient from above reaches the slopes, of which each term may have several. */
function reduced(terms, slopes, reduction) {
  const count = reduction === "mean" ? terms.values.length : 1;
  const per = slopes.values.length / terms.values.length;
  const value = reduction === "none" ? terms : array([], [sum(terms.values) / count]);
  const above = (i, upstream) => (upstream ? upstream.values[reduction === "none" ? Math.floor(i / per) : 0] : 1);
  const backward = (upstream) => array(slopes.shape, slopes.values.map((s, i) => (s / count) * above(i, upstream)));
  return { value, backward };
}

/** Optimizers: (gradient, state, parameter, rate, head) => [parameter, state]; state is {} before the first step. */
const optimizers = {
  sgd(gradient, { momentum: v }, parameter, rate, head) {
    const { momentum, dampening, nesterov, weight_decay, first_step } = options(head,
      { momentum: 0, dampening: 0, nesterov: false, weight_decay: 0, first_step: "undamped" });
    const g = zip(gradient, parameter, (g, p) => g + weight_decay * p);
    if (!momentum) return [zip(parameter, g, (p, step) => p - rate * step), {}];
    const damped = v || first_step === "damped" ? 1 - dampening : 1;
    const next = zip(v ?? map(g, () => 0), g, (v, g) => momentum * v + damped * g);
    const step = nesterov ? zip(g, next, (g, v) => g + momentum * v) : next;
    return [zip(parameter, step, (p, s) => p - rate * s), { momentum: next }];
  },

  adam(gradient, { t = 0, m, v }, parameter, rate, head) {
    const { betas: [b1, b2], eps, weight_decay } = options(head,
      { betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0, eps_at: "root", bias_correction: true, amsgrad: "off" },
      { eps_at: ["root"], bias_correction: [true], amsgrad: ["off"] });
    const g = zip(gradient, parameter, (g, p) => g + weight_decay * p);
    const zeros = map(g, () => 0);
    m = zip(m ?? zeros, g, (m, g) => b1 * m + (1 - b1) * g);
    v = zip(v ?? zeros, g, (v, g) => b2 * v + (1 - b2) * g * g);
    t += 1;
    const step = zip(m, v, (m, v) => m / (1 - b1 ** t) / (Math.sqrt(v / (1 - b2 ** t)) + eps));
    return [zip(parameter, step, (p, s) => p - rate * s), { t, m, v }];
  },
};

// ---------------------------------------------------------------- the adapter: which of our arrays is which tensor
class Unsupported extends Error {}

/** The options of an operation, over our defaults. What we have no choice for is refused, never ignored. */
function options({ op, options: given }, defaults, choices = {}) {
  for (const [name, value] of Object.entries(given))
    if (!(name in defaults) || (choices[name] && !choices[name].includes(value)))
      throw new Unsupported(`${op} has no ${name} = ${JSON.stringify(value)}`);
  return { ...defaults, ...given };
}

/** One pass forward and back: the loss, every layer's output, and the gradient of everything by its name. */
function pass(problem, parameters, inputs, upstream) {
  if (problem.penalties.length) throw new Unsupported("there are no penalties");
  const values = { ...inputs }, outputs = {}, backwards = [];
  for (const layer of problem.network) {
    const own = mapped(layer.parameters, (full) => parameters[full]);
    const { y, backward } = layers[layer.op](layer.inputs.map((name) => values[name]), own, layer);
    values[layer.name] = outputs[layer.name] = y;
    backwards.unshift([layer, backward]);
  }
  const last = problem.network.at(-1).name;
  const gradients = { [last]: upstream };
  let value = null;
  if (problem.loss) {
    if (Object.values(problem.loss.targets).some((name) => name in outputs))
      throw new Unsupported("a target is data, not the output of a layer");
    const targets = mapped(problem.loss.targets, (name) => values[name]);
    const loss = losses[problem.loss.op](values[last], targets, problem.loss);
    value = loss.value;
    gradients[last] = loss.backward(upstream);
  }
  for (const [layer, backward] of backwards) {
    const dy = gradients[layer.name] ?? map(outputs[layer.name], () => 0);
    gradients[layer.name] = dy; // zero where nothing comes of a layer
    const found = backward(dy);
    layer.inputs.forEach((name, i) => { gradients[name] = add(gradients[name], found.inputs[i]); });
    for (const [name, full] of Object.entries(layer.parameters)) // a shared one gets a part from each use
      gradients[full] = add(gradients[full], found.parameters[name]);
  }
  return { value, outputs, gradients };
}

/** Takes the steps of a problem's optimizer; `parameters` and `states` are by name, as they are after the last one. */
class Stepper {
  constructor({ optimizer, parameters }) {
    const around = ["schedule", "clip", "average", "accumulation", "loss_scale", "maximize", "defaults"];
    const asked = around.find((what) => optimizer[what]) ?? (optimizer.groups.length ? "groups" : null);
    if (asked) throw new Unsupported(`there is no ${asked} around an optimizer`);
    this.head = optimizer;
    this.parameters = { ...parameters };
    this.states = {};
  }

  step(gradients, rate) {
    for (const [name, parameter] of Object.entries(this.parameters)) {
      const gradient = gradients[name] ?? (this.head.absent === "zero" ? map(parameter, () => 0) : null);
      if (gradient === null) continue; // no gradient: left alone
      [this.parameters[name], this.states[name]] =
        optimizers[this.head.op](gradient, this.states[name] ?? {}, parameter, rate, this.head);
    }
  }
}

const checks = {
  gradients(problem) {
    const { value, outputs, gradients } = pass(problem, problem.parameters, problem.inputs, problem.upstream);
    const trace = value ? { loss: value } : {};
    for (const [name, y] of Object.entries(outputs)) trace[`output.${name}`] = y;
    for (const [name, g] of Object.entries(gradients)) trace[`gradient.${name}`] = g;
    return trace;
  },

  updates(problem) {
    const stepper = new Stepper(problem), trace = {};
    problem.gradients.forEach((gradients, i) => {
      stepper.step(gradients, problem.optimizer.rates[i]);
      for (const [name, parameter] of Object.entries(stepper.parameters)) trace[`update.${i + 1}.${name}`] = parameter;
      for (const [name, { t, ...buffers }] of Object.entries(stepper.states))
        for (const [buffer, value] of Object.entries(buffers)) trace[`state.${i + 1}.${buffer}.${name}`] = value;
    });
    return trace;
  },

  training(problem) {
    const stepper = new Stepper(problem), trace = {};
    problem.training.batches.forEach((batches, epoch) => {
      const steps = batches.map((rows) => {
        const inputs = mapped(problem.inputs, (x) => take(x, rows.values));
        const { value, gradients } = pass(problem, stepper.parameters, inputs, null);
        stepper.step(gradients, problem.training.rates[epoch]);
        return { loss: value, ...stepper.parameters };
      });
      for (const name of Object.keys(steps[0])) // stacked: a new first axis, one entry for each step
        trace[`trajectory.${epoch + 1}.${name}`] = array([steps.length, ...steps[0][name].shape],
          steps.flatMap((step) => [...step[name].values]));
    });
    return trace;
  },
};

function take({ shape, values }, rows) {
  const size = values.length / shape[0];
  const taken = rows.flatMap((row) => [...values.slice(row * size, (row + 1) * size)]);
  return array([rows.length, ...shape.slice(1)], taken);
}

// ---------------------------------------------------------------- the protocol: a line in, a line out
/** Arrays come as the base64 of their bytes; labels are int64, which become plain numbers. */
function unpack(_, value) {
  if (typeof value?.dtype !== "string") return value;
  const bytes = new Uint8Array(Buffer.from(value.data, "base64")).buffer;
  const labels = value.dtype === "int64";
  return array(value.shape, labels ? Array.from(new BigInt64Array(bytes), Number) : new Float64Array(bytes));
}

const pack = ({ shape, values }) =>
  ({ dtype: "float64", shape, data: Buffer.from(Float64Array.from(values).buffer).toString("base64") });

function answer({ kind, id, check, problem }) {
  if (kind === "describe") {
    const operations = [layers, losses, optimizers].flatMap(Object.keys);
    const self = { name: "javascript", version: process.version, precisions: ["float64"], operations };
    return { kind: "description", id, protocol: 1, ...self };
  }
  try {
    return { kind: "trace", id, trace: mapped(checks[check](problem), pack) };
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
