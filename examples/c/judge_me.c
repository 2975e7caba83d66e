/* A linear layer under softmax cross-entropy in C, judged through files alone: no process, no library. It reads exported
 * problems, computes, and writes a line of results for each. From the folder above examples:
 *
 *     backproof export vectors 'basics/losses/cross_entropy*'
 *     cc -O2 -o judge_me examples/c/judge_me.c -lm
 *     find vectors/problems -name '*.json' -exec ./judge_me {} + > results.jsonl
 *     backproof judge vectors results.jsonl
 *
 * What that finds: every tensor agrees. What is not computed here is answered "unsupported", with the reason. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- a tiny scanner: values of JSON by their place */
static const char *blank(const char *p) { return p + strspn(p, " \t\r\n,:"); }
static const char *past(const char *p) { /* the end of the value, or of the key, that begins at p */
    if (*p == '"') for (p++; *p != '"'; p++) p += *p == '\\';
    if (*p == '"') return p + 1;
    if (*p != '{' && *p != '[') return p + strcspn(p, ",]} \t\r\n");
    for (p = blank(p + 1); *p != '}' && *p != ']'; p = blank(p)) p = past(p);
    return p + 1;
}
static int is(const char *value, const char *text) { /* whether a value is written so in the file */
    return value && (size_t)(past(value) - value) == strlen(text) && !strncmp(value, text, strlen(text));
}
static const char *member(const char *object, const char *key) { /* the value of a key, or NULL */
    if (!object || *object != '{') return NULL;
    for (const char *p = blank(object + 1); *p != '}'; p = blank(past(blank(past(p)))))
        if (!strncmp(p + 1, key, strlen(key)) && p[1 + strlen(key)] == '"') return blank(past(p));
    return NULL;
}

static int count(const char *list) {
    int n = 0;
    for (const char *p = blank(list + 1); *p != ']'; p = blank(past(p))) n++;
    return n;
}
static char *string(const char *value) { return strndup(value + 1, past(value) - value - 2); }
static double *room(int n) { return calloc(n + 1, sizeof(double)); } /* zeros; a short program never gives back */
static double *array(const char *message) { /* strtod reads NaN and Infinity too, behind their quote */
    const char *list = member(message, "values");
    double *all = room(count(list)), *next = all;
    for (const char *p = blank(list + 1); *p != ']'; p = blank(past(p))) *next++ = strtod(p + (*p == '"'), NULL);
    return all;
}

/* ---------------------------------------------------------------- what is judged: shapes x (N, D), W (D, C), b (C) */
static void linear(int N, int D, int C, const double *x, const double *W, const double *b, double *y) {
    for (int n = 0; n < N; n++) for (int c = 0; c < C; c++) {
        y[n * C + c] = b[c];
        for (int d = 0; d < D; d++) y[n * C + c] += x[n * D + d] * W[d * C + c];
    }
}
static void linear_backward(int N, int D, int C, const double *x, const double *W, const double *dy, double *dx,
                            double *dW, double *db) {
    for (int n = 0; n < N; n++) for (int c = 0; c < C; c++) {
        db[c] += dy[n * C + c];
        for (int d = 0; d < D; d++) dx[n * D + d] += dy[n * C + c] * W[d * C + c];
        for (int d = 0; d < D; d++) dW[d * C + c] += x[n * D + d] * dy[n * C + c];
    }
}

/* The sum over rows of -ln softmax(x)_label, and its gradient. The greatest logit is taken away: nothing overflows. */
static double cross_entropy(int N, int C, const double *x, const double *label, double *dx) {
    double loss = 0;
    for (int n = 0; n < N; n++, x += C, dx += C) {
        int y = (int)label[n];
        double largest = x[0], others = 0;
        for (int c = 1; c < C; c++) largest = fmax(largest, x[c]);
        for (int c = 0; c < C; c++) others += c == y ? 0 : exp(x[c] - largest);
        double total = exp(x[y] - largest) + others;
        loss += x[y] == largest ? log1p(others) : log(total) + (largest - x[y]);
        for (int c = 0; c < C; c++) dx[c] = c == y ? -others / total : exp(x[c] - largest) / total;
    }
    return loss;
}

/* ---------------------------------------------------------------- from a problem to a line of results */
static const char *refusal(const char *problem, const char *check) { /* why this is not computed here, or NULL */
    const char *layer = blank(member(problem, "network") + 1), *loss = member(problem, "loss");
    if (!is(check, "\"gradients\"")) return "there are no optimizers";
    if (!is(member(problem, "precision"), "\"float64\"")) return "there is no precision but float64";
    if (count(member(problem, "network")) != 1 || !is(member(layer, "op"), "\"linear\"")) return "only linear";
    if (!member(member(layer, "parameters"), "b")) return "only with a bias";
    if (!is(member(loss, "op"), "\"cross_entropy\"")) return "only cross_entropy";
    if (count(member(problem, "penalties"))) return "there are no penalties";
    const char *x = member(member(problem, "inputs"), string(blank(member(layer, "inputs") + 1)));
    const char *target = member(member(problem, "inputs"), string(member(member(loss, "targets"), "target")));
    if (!x || !target || !member(x, "values")) return "only inputs that are written out in the problem's own file";
    if (member(member(loss, "targets"), "weight")) return "there are no weights";
    if (count(member(x, "shape")) != 2 || count(member(target, "shape")) != 1) return "only rows, with a label each";
    for (const char *p = blank(member(loss, "options") + 1); *p != '}'; p = blank(past(blank(past(p))))) {
        int known = is(p, "\"reduction\"") && (is(blank(past(p)), "\"mean\"") || is(blank(past(p)), "\"sum\""));
        if (!known && !is(p, "\"tails\"")) return "cross_entropy has no options but tails, and reduction mean or sum";
    }
    return NULL;
}
static void put(const char *kind, const char *of, const char *shape, const double *values, int n) {
    printf("%s\"%s%s\": {\"dtype\": \"float64\", \"shape\": %.*s, \"values\": [", *of ? ", " : "", kind, of,
           (int)(past(shape) - shape), shape);
    for (int i = 0; i < n; i++)
        if (isfinite(values[i])) printf("%s%.17g", i ? ", " : "", values[i]);
        else printf("%s\"%s\"", i ? ", " : "", isnan(values[i]) ? "NaN" : values[i] > 0 ? "Infinity" : "-Infinity");
    printf("]}");
}
static void trace(const char *problem) {
    const char *layer = blank(member(problem, "network") + 1), *loss = member(problem, "loss");
    const char *inputs = member(problem, "inputs"), *parameters = member(problem, "parameters");
    char *ofx = string(blank(member(layer, "inputs") + 1)), *ofW = string(member(member(layer, "parameters"), "W"));
    char *ofy = string(member(layer, "name")), *ofb = string(member(member(layer, "parameters"), "b"));
    const char *x = member(inputs, ofx), *W = member(parameters, ofW), *b = member(parameters, ofb);
    double *label = array(member(inputs, string(member(member(loss, "targets"), "target"))));
    int C = count(member(b, "values")), D = count(member(W, "values")) / C, N = count(member(x, "values")) / D;
    double *y = room(N * C), *dy = room(N * C), *dx = room(N * D), *dW = room(D * C), *db = room(C);
    linear(N, D, C, array(x), array(W), array(b), y);
    double share = is(member(member(loss, "options"), "reduction"), "\"sum\"") ? 1 : 1.0 / N;
    double value = share * cross_entropy(N, C, y, label, dy);
    const char *upstream = member(problem, "upstream"); /* the gradient of what stands above, or null */
    for (int i = 0; i < N * C; i++) dy[i] *= share * (*upstream == '{' ? *array(upstream) : 1);
    linear_backward(N, D, C, array(x), array(W), dy, dx, dW, db);
    char shape[64];
    snprintf(shape, sizeof shape, "[%d, %d]", N, C);
    put("loss", "", "[]", &value, 1);
    put("output.", ofy, shape, y, N * C);
    put("gradient.", ofy, shape, dy, N * C);
    put("gradient.", ofx, member(x, "shape"), dx, N * D);
    put("gradient.", ofW, member(W, "shape"), dW, D * C);
    put("gradient.", ofb, member(b, "shape"), db, C);
}
int main(int argc, char **argv) {
    static char text[1 << 24];
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (!file) return perror(argv[i]), 1;
        text[fread(text, 1, sizeof text - 1, file)] = 0;
        fclose(file);
        const char *name = member(text, "case"), *precision = member(text, "precision");
        for (const char *check = blank(member(text, "checks") + 1); *check != ']'; check = blank(past(check))) {
            const char *reason = refusal(text, check);
            printf("{\"kind\": \"%s\", \"case\": %.*s, \"precision\": %.*s, \"check\": %.*s, ",
                   reason ? "unsupported" : "trace", (int)(past(name) - name), name,
                   (int)(past(precision) - precision), precision, (int)(past(check) - check), check);
            if (reason) printf("\"reason\": \"%s\"}\n", reason);
            else printf("\"trace\": {"), trace(text), printf("}}\n");
        }
    }
    return 0;
}
