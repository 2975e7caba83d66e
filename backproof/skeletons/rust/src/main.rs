//! An adapter: says which tensors of a case are which arrays of yours. It runs as it is; put your own code in.
//!
//!     @BUILD@
//!     @SMOKE@      first contact: every line to and fro
//!     @CHECK@      every case that uses none but your operations
//!
//! The reader of JSON and base64 at the end needs no crate; serde_json and base64 do it as well.

use std::collections::{BTreeMap, HashMap};
use std::io::{stdin, stdout, BufRead, Write};

// ---------------------------------------------------------------- your code: call it here, in place of these
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

/// The loss, and its gradient.
fn mean_squared_error(prediction: &Array, target: &Array) -> (f64, Array) {
    let error = prediction.zip(target, |p, t| p - t);
    let count = error.values.len() as f64;
    (error.values.iter().map(|e| e * e).sum::<f64>() / count, error.map(|e| 2.0 * e / count))
}

const OPERATIONS: [&str; 2] = ["linear", "mean_squared_error"]; // nothing else is asked
const OPTIONS: [(&str, &str); 2] = [("reduction", "mean"), ("scale", "whole")]; // more than these is refused

// ---------------------------------------------------------------- the adapter
type Named = BTreeMap<String, Array>;

/// A trace, or why there is none: that becomes an "unsupported", with this reason.
fn gradients(problem: &Json) -> Result<Named, String> {
    let loss = problem.at("loss");
    for head in problem.at("network").list().iter().chain((*loss != Json::Null).then_some(loss)) {
        for (name, value) in head.at("options").entries() {
            if !OPTIONS.iter().any(|(known, usual)| known == name && *value == Json::Text(usual.to_string())) {
                return Err(format!("{} has no such {name}", head.at("op").text()));
            }
        }
    }
    let parameters: Named = problem.at("parameters").entries().iter().map(|(k, p)| (k.clone(), p.array())).collect();
    let mut values: HashMap<String, Array> = HashMap::new();
    for (name, array) in problem.at("inputs").entries() {
        values.insert(name.clone(), array.array());
    }
    let (mut trace, mut found) = (Named::new(), Named::new());
    for layer in problem.at("network").list() {
        let own = layer.at("parameters");
        let b = own.find("b").map(|b| &parameters[b.text()]);
        let y = linear(&values[layer.at("inputs").list()[0].text()], &parameters[own.at("W").text()], b);
        trace.insert(format!("output.{}", layer.at("name").text()), y.clone());
        found.insert(layer.at("name").text().into(), Array::zeros(&y.shape));
        values.insert(layer.at("name").text().into(), y);
    }

    let last = problem.at("network").list().last().unwrap().at("name").text();
    let above = (*problem.at("upstream") != Json::Null).then(|| problem.at("upstream").array());
    if *loss == Json::Null {
        found.insert(last.into(), above.unwrap());
    } else {
        let (value, gradient) = mean_squared_error(&values[last], &values[loss.at("targets").at("target").text()]);
        trace.insert("loss".into(), Array { shape: vec![], values: vec![value] });
        let above = above.map_or(1.0, |above| above.values[0]); // the gradient of what stands above the loss
        found.insert(last.into(), gradient.map(|g| g * above));
    }
    for layer in problem.at("network").list().iter().rev() {
        let (own, from) = (layer.at("parameters"), layer.at("inputs").list()[0].text());
        let dy = &found[layer.at("name").text()];
        let (dx, dw, db) = linear_backward(&values[from], &parameters[own.at("W").text()], dy);
        let mut parts = vec![(from, dx), (own.at("W").text(), dw)];
        parts.extend(own.find("b").map(|b| (b.text(), db)));
        for (name, part) in parts {
            let sum = found.get(name).map_or(part.clone(), |before| before.zip(&part, |a, b| a + b));
            found.insert(name.into(), sum); // what is used twice gets a part from each use
        }
    }
    trace.extend(found.into_iter().map(|(name, g)| (format!("gradient.{name}"), g)));
    Ok(trace)
}

// ---------------------------------------------------------------- the protocol: a line in, a line out
fn main() {
    for line in stdin().lock().lines() {
        let request = Json::parse(&line.unwrap());
        let id = request.at("id").number();
        let reply = match request.at("kind").text() {
            "describe" => format!(
                r#"{{"kind": "description", "id": {id}, "protocol": 1, "name": "mine", "version": "{}", "precisions": ["float64"], "operations": {OPERATIONS:?}}}"#,
                env!("CARGO_PKG_VERSION")
            ),
            "run" => {
                let answer = match request.at("check").text() {
                    "gradients" => gradients(request.at("problem")),
                    other => Err(format!("there is no {other} yet")),
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
