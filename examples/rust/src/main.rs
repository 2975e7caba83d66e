//! A few layers, a loss and an optimizer in Rust, and the adapter that has them judged. No crate but `std`.
//!
//! What it shows: the process protocol in a compiled language. The reader of JSON and base64 is at the end of the file;
//! in earnest that would be serde_json and base64. A panic ends the process, which costs one row: it is started again.
//!
//! Run it, from the folder above examples:
//!
//!     cargo build --offline --release --manifest-path examples/rust/Cargo.toml
//!     backproof check -- examples/rust/target/release/backproof-example
//!
//! What that finds: every tensor agrees.

use std::collections::{BTreeMap, HashMap};
use std::io::{stdin, stdout, BufRead, Write};

// ---------------------------------------------------------------- the library
#[derive(Clone)]
struct Array {
    shape: Vec<usize>,
    values: Vec<f64>,
}

impl Array {
    fn zeros(shape: &[usize]) -> Array {
        Array { shape: shape.to_vec(), values: vec![0.0; shape.iter().product()] }
    }
    fn zip(&self, other: &Array, f: impl Fn(f64, f64) -> f64) -> Array {
        let values = self.values.iter().zip(&other.values).map(|(&a, &b)| f(a, b)).collect();
        Array { shape: self.shape.clone(), values }
    }
    fn map(&self, f: impl Fn(f64) -> f64) -> Array {
        self.zip(self, |x, _| f(x))
    }
}

/// y = x W + b. Leading axes of x beyond one are rows like any other.
fn linear(x: &Array, w: &Array, b: Option<&Array>) -> Array {
    let (d, k) = (w.shape[0], w.shape[1]);
    let mut shape = x.shape.clone();
    *shape.last_mut().unwrap() = k;
    let mut y = Array::zeros(&shape);
    for (n, row) in y.values.chunks_mut(k.max(1)).enumerate() {
        for (j, y) in row.iter_mut().enumerate() {
            let products = (0..d).map(|i| x.values[n * d + i] * w.values[i * k + j]);
            *y = products.sum::<f64>() + b.map_or(0.0, |b| b.values[j]);
        }
    }
    y
}

/// The gradients of x, W and b.
fn linear_backward(x: &Array, w: &Array, dy: &Array) -> (Array, Array, Array) {
    let (d, k) = (w.shape[0], w.shape[1]);
    let (mut dx, mut dw, mut db) = (Array::zeros(&x.shape), Array::zeros(&w.shape), Array::zeros(&[k]));
    for (n, row) in dy.values.chunks(k.max(1)).enumerate() {
        for (j, delta) in row.iter().enumerate() {
            db.values[j] += delta;
            for i in 0..d {
                dx.values[n * d + i] += delta * w.values[i * k + j];
                dw.values[i * k + j] += delta * x.values[n * d + i];
            }
        }
    }
    (dx, dw, db)
}

/// The slope of an activation, from its input; 1 / cosh² x has its digits also where tanh x is nearly 1.
fn slope(op: &str, x: f64) -> f64 {
    match op {
        "tanh" => 1.0 / x.cosh().powi(2),
        "relu" => f64::from(x > 0.0),
        _ => 1.0,
    }
}

fn activation(op: &str, x: f64) -> f64 {
    match op {
        "tanh" => x.tanh(),
        "relu" if x < 0.0 => 0.0, // and not f64::max, which makes 0 of NaN
        _ => x,
    }
}

// ---------------------------------------------------------------- the adapter: which of our arrays is which tensor
const OPERATIONS: [&str; 6] = ["linear", "identity", "tanh", "relu", "mean_squared_error", "sgd"];

type Named = BTreeMap<String, Array>;

/// Why something is not computed here: it becomes an "unsupported", with this reason.
type Refusable<T> = Result<T, String>;

/// Refuse the options of an operation that it does not know: none is ever ignored.
fn only(head: &Json, known: &[&str]) -> Refusable<()> {
    match head.at("options").entries().iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(format!("{} has no {name}", head.at("op").text())),
        None => Ok(()),
    }
}

fn gradients(problem: &Json) -> Refusable<Named> {
    if !problem.at("penalties").list().is_empty() {
        return Err("there are no penalties".into());
    }
    let parameters = problem.at("parameters");
    let mut values: HashMap<String, Array> = HashMap::new();
    for (name, array) in problem.at("inputs").entries() {
        values.insert(name.clone(), array.array());
    }
    let (mut trace, mut found) = (Named::new(), Named::new());
    for layer in problem.at("network").list() {
        let x = &values[layer.at("inputs").list()[0].text()];
        let y = match layer.at("op").text() {
            "linear" => {
                let bias = layer.at("parameters").find("b").map(|name| parameters.at(name.text()).array());
                linear(x, &parameters.at(layer.at("parameters").at("W").text()).array(), bias.as_ref())
            }
            op => {
                only(layer, if op == "tanh" { &["tails"] } else { &[] })?;
                x.map(|x| activation(op, x))
            }
        };
        trace.insert(format!("output.{}", layer.at("name").text()), y.clone());
        values.insert(layer.at("name").text().into(), y);
    }

    let last = problem.at("network").list().last().unwrap().at("name").text();
    let upstream = problem.find("upstream").filter(|above| **above != Json::Null).map(Json::array);
    let head = if let Some(loss) = problem.find("loss").filter(|loss| **loss != Json::Null) {
        only(loss, &["reduction", "scale"])?;
        let target = problem.at("inputs").find(loss.at("targets").at("target").text());
        let target = target.ok_or("a target is data, not the output of a layer")?.array();
        let option = |name, default| loss.at("options").find(name).map_or(default, Json::text);
        let reduction = option("reduction", "mean");
        let factor = if option("scale", "whole") == "half" { 0.5 } else { 1.0 };
        let error = values[last].zip(&target, |p, t| p - t);
        let terms = error.map(|e| factor * e * e);
        let count = if reduction == "mean" { error.values.len() as f64 } else { 1.0 };
        let total = Array { shape: vec![], values: vec![terms.values.iter().sum::<f64>() / count] };
        trace.insert("loss".into(), if reduction == "none" { terms } else { total });
        let slopes = error.map(|e| 2.0 * factor * e / count);
        match upstream {
            Some(above) if reduction == "none" => slopes.zip(&above, |s, a| s * a),
            Some(above) => slopes.map(|s| s * above.values[0]),
            None => slopes,
        }
    } else {
        upstream.unwrap()
    };

    found.insert(last.into(), head);
    let add = |found: &mut Named, name: &str, part: Array| {
        let sum = found.get(name).map_or(part.clone(), |before| before.zip(&part, |a, b| a + b));
        found.insert(name.into(), sum);
    };
    for layer in problem.at("network").list().iter().rev() {
        let (name, from) = (layer.at("name").text(), layer.at("inputs").list()[0].text());
        let dy = found.entry(name.into()).or_insert_with(|| Array::zeros(&values[name].shape)).clone();
        if layer.at("op").text() != "linear" {
            let slopes = values[from].map(|x| slope(layer.at("op").text(), x));
            add(&mut found, from, dy.zip(&slopes, |d, s| d * s));
            continue;
        }
        let own = layer.at("parameters");
        let (dx, dw, db) = linear_backward(&values[from], &parameters.at(own.at("W").text()).array(), &dy);
        add(&mut found, from, dx);
        add(&mut found, own.at("W").text(), dw); // a weight that is used twice gets a part from each use
        if let Some(b) = own.find("b") {
            add(&mut found, b.text(), db);
        }
    }
    trace.extend(found.into_iter().map(|(name, g)| (format!("gradient.{name}"), g)));
    Ok(trace)
}

/// Gradient descent with momentum: v = momentum v + g, p = p − lr v.
fn updates(problem: &Json) -> Refusable<Named> {
    let optimizer = problem.at("optimizer");
    only(optimizer, &["momentum", "weight_decay"])?;
    for around in ["schedule", "clip", "average", "accumulation", "loss_scale"] {
        if optimizer.find(around).is_some_and(|asked| *asked != Json::Null) {
            return Err(format!("there is no {around} around an optimizer"));
        }
    }
    if *optimizer.at("maximize") == Json::Bool(true) || !optimizer.at("groups").list().is_empty() {
        return Err("there is one group of parameters, and it minimizes".into());
    }
    let option = |name| optimizer.at("options").find(name).map_or(0.0, Json::number);
    let (momentum, decay) = (option("momentum"), option("weight_decay"));
    let (mut trace, mut velocity) = (Named::new(), Named::new());
    let mut parameters: Named =
        problem.at("parameters").entries().iter().map(|(k, p)| (k.clone(), p.array())).collect();
    for (i, gradients) in problem.at("gradients").list().iter().enumerate() {
        let rate = optimizer.at("rates").list()[i].number();
        for (name, p) in &mut parameters {
            let g = match gradients.find(name) {
                Some(g) => g.array(),
                None if optimizer.at("absent").text() == "zero" => Array::zeros(&p.shape),
                None => continue, // no gradient: left alone
            };
            let g = g.zip(p, |g, p| g + decay * p);
            let v = velocity.get(name).map_or(g.clone(), |v| v.zip(&g, |v, g| momentum * v + g));
            *p = p.zip(&v, |p, v| p - rate * v);
            velocity.insert(name.clone(), v);
        }
        trace.extend(parameters.iter().map(|(name, p)| (format!("update.{}.{name}", i + 1), p.clone())));
        if momentum != 0.0 {
            trace.extend(velocity.iter().map(|(name, v)| (format!("state.{}.momentum.{name}", i + 1), v.clone())));
        }
    }
    Ok(trace)
}

// ---------------------------------------------------------------- the protocol: a line in, a line out
fn main() {
    for line in stdin().lock().lines() {
        let request = Json::parse(&line.unwrap());
        let id = request.at("id").number();
        let reply = match request.at("kind").text() {
            "describe" => format!(
                r#"{{"kind": "description", "id": {id}, "protocol": 1, "name": "rust", "version": "{}", "precisions": ["float64"], "operations": {OPERATIONS:?}}}"#,
                env!("CARGO_PKG_VERSION")
            ),
            "run" => {
                let answer = match request.at("check").text() {
                    "gradients" => gradients(request.at("problem")),
                    "updates" => updates(request.at("problem")),
                    other => Err(format!("there is no {other}")),
                };
                match answer {
                    Ok(trace) => format!(r#"{{"kind": "trace", "id": {id}, "trace": {{{}}}}}"#, written(&trace)),
                    Err(reason) => format!(r#"{{"kind": "unsupported", "id": {id}, "reason": {reason:?}}}"#),
                }
            }
            _ => return, // stop
        };
        println!("{reply}");
        stdout().flush().unwrap();
    }
}

/// A trace as the members of a JSON object. Numbers are written so that they read back exactly.
fn written(trace: &Named) -> String {
    let number = |x: &f64| match x {
        x if x.is_finite() => format!("{x:?}"),
        x if x.is_nan() => r#""NaN""#.into(),
        x => format!(r#""{}Infinity""#, if *x < 0.0 { "-" } else { "" }),
    };
    let member = |(name, Array { shape, values }): (&String, &Array)| {
        let values: Vec<String> = values.iter().map(number).collect();
        format!(r#"{name:?}: {{"dtype": "float64", "shape": {shape:?}, "values": [{}]}}"#, values.join(", "))
    };
    trace.iter().map(member).collect::<Vec<_>>().join(", ")
}

// ---------------------------------------------------------------- just enough JSON and base64 to read a request
#[derive(PartialEq)]
enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    fn parse(text: &str) -> Json {
        value(&mut text.chars().peekable())
    }
    fn find(&self, name: &str) -> Option<&Json> {
        self.entries().iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
    fn at(&self, name: &str) -> &Json {
        self.find(name).unwrap_or_else(|| panic!("the request has no {name}"))
    }
    fn entries(&self) -> &[(String, Json)] {
        let Json::Object(entries) = self else { panic!("no object") };
        entries
    }
    fn list(&self) -> &[Json] {
        let Json::List(values) = self else { panic!("no list") };
        values
    }
    fn text(&self) -> &str {
        let Json::Text(text) = self else { panic!("no text") };
        text
    }
    fn number(&self) -> f64 {
        let Json::Number(number) = self else { panic!("no number") };
        *number
    }
    fn array(&self) -> Array {
        let shape = self.at("shape").list().iter().map(|n| n.number() as usize).collect();
        let bytes = bytes(self.at("data").text());
        let words = bytes.chunks_exact(8).map(|word| word.try_into().unwrap());
        let labels = self.at("dtype").text() == "int64";
        let values = words.map(|w| if labels { i64::from_le_bytes(w) as f64 } else { f64::from_le_bytes(w) }).collect();
        Array { shape, values }
    }
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn value(chars: &mut Chars) -> Json {
    while chars.next_if(|c| c.is_whitespace() || ",:".contains(*c)).is_some() {}
    match chars.next().unwrap() {
        '"' => Json::Text(string(chars)),
        '[' => Json::List(std::iter::from_fn(|| another(chars, ']').then(|| value(chars))).collect()),
        '{' => Json::Object(
            std::iter::from_fn(|| {
                another(chars, '}').then(|| {
                    let Json::Text(key) = value(chars) else { panic!("no key") };
                    (key, value(chars))
                })
            })
            .collect(),
        ),
        first => {
            let mut word = String::from(first);
            while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || "+-.".contains(*c)) {
                word.push(c);
            }
            match word.as_str() {
                "null" => Json::Null,
                "true" | "false" => Json::Bool(word == "true"),
                number => Json::Number(number.parse().unwrap()),
            }
        }
    }
}

/// Whether another value comes before the end of a list or an object.
fn another(chars: &mut Chars, end: char) -> bool {
    while chars.next_if(|c| c.is_whitespace() || *c == ',').is_some() {}
    chars.next_if_eq(&end).is_none()
}

fn string(chars: &mut Chars) -> String {
    let mut text = String::new();
    loop {
        match chars.next().unwrap() {
            '"' => return text,
            '\\' => match chars.next().unwrap() {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'u' => {
                    let code: String = chars.take(4).collect();
                    text.push(char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap_or('?'));
                }
                c => text.push(c),
            },
            c => text.push(c),
        }
    }
}

fn bytes(base64: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut found, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for letter in base64.bytes().take_while(|c| *c != b'=') {
        bits = bits << 6 | LETTERS.iter().position(|l| *l == letter).unwrap() as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            found.push((bits >> held) as u8);
        }
    }
    found
}
