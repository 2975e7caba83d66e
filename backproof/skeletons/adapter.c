/* An adapter: says which tensors of a case are which arrays of yours. It runs as it is; put your own code in.
 *
 *     @BUILD@
 *     @SMOKE@      first contact: every line to and fro
 *     @CHECK@      every case that uses none but your operations
 *
 * It computes one linear layer under the mean squared error, in float64. */

#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- your code: call it here, in place of these */
static void linear(int N, int D, int K, const double *x, const double *W, const double *b, double *y) {
    for (int n = 0; n < N; n++)
        for (int k = 0; k < K; k++) {
            y[n * K + k] = b ? b[k] : 0;
            for (int d = 0; d < D; d++) y[n * K + k] += x[n * D + d] * W[d * K + k];
        }
}

static void linear_backward(int N, int D, int K, const double *x, const double *W, const double *dy, double *dx,
                            double *dW, double *db) {
    for (int n = 0; n < N; n++)
        for (int k = 0; k < K; k++) {
            db[k] += dy[n * K + k];
            for (int d = 0; d < D; d++) dx[n * D + d] += dy[n * K + k] * W[d * K + k];
            for (int d = 0; d < D; d++) dW[d * K + k] += dy[n * K + k] * x[n * D + d];
        }
}

static double mean_squared_error(int size, const double *p, const double *t, double *dp) {
    double total = 0;
    for (int i = 0; i < size; i++) {
        total += (p[i] - t[i]) * (p[i] - t[i]);
        dp[i] = 2 * (p[i] - t[i]) / size;
    }
    return total / size;
}

static const char *operations = "[\"linear\", \"mean_squared_error\"]"; /* nothing else is asked */

/* ---------------------------------------------------------------- a tiny scanner: values of JSON by their place */
static const char *blank(const char *p) { return p + strspn(p, " \t\r\n,:"); }

static const char *past(const char *p) { /* the end of the value, or of the key, that begins at p */
    if (*p == '"') {
        for (p++; *p != '"'; p++) p += *p == '\\';
        return p + 1;
    }
    if (*p != '{' && *p != '[') return p + strcspn(p, ",]} \t\r\n");
    for (p = blank(p + 1); *p != '}' && *p != ']'; p = blank(p)) p = past(p);
    return p + 1;
}

static int is(const char *value, const char *text) { /* whether a value is written so in the message */
    return value && (size_t)(past(value) - value) == strlen(text) && !strncmp(value, text, strlen(text));
}

static const char *member(const char *object, const char *key) { /* the value of a key, or NULL */
    if (!object || *object != '{') return NULL;
    for (const char *p = blank(object + 1); *p != '}'; p = blank(past(blank(past(p)))))
        if (!strncmp(p + 1, key, strlen(key)) && p[1 + strlen(key)] == '"') return blank(past(p));
    return NULL;
}

static const char *first(const char *list) { return blank(list + 1); }

static int count(const char *list) {
    int n = 0;
    for (const char *p = first(list); *p != ']'; p = blank(past(p))) n++;
    return n;
}

static char *string(const char *value) { return strndup(value + 1, past(value) - value - 2); }

static int size(const char *array) { /* how many numbers it has: the product of its shape */
    int n = 1;
    for (const char *p = first(member(array, "shape")); *p != ']'; p = blank(past(p))) n *= atoi(p);
    return n;
}

static double *room(int n) { return calloc(n + 1, sizeof(double)); } /* zeros */

static double *array(const char *message) { /* its numbers: base64 of their bytes, little endian as this machine's */
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    double *numbers = room(size(message));
    unsigned char *bytes = (unsigned char *)numbers;
    unsigned bits = 0, held = 0;
    for (const char *p = member(message, "data") + 1; *p != '"' && *p != '='; p++) {
        bits = bits << 6 | (unsigned)(strchr(letters, *p) - letters);
        held += 6;
        if (held >= 8) *bytes++ = bits >> (held -= 8) & 255;
    }
    return numbers;
}

/* ---------------------------------------------------------------- the adapter */
static const char *refusal(const char *problem, const char *check) { /* why this is not computed, or NULL */
    const char *loss = member(problem, "loss"), *upstream = member(problem, "upstream");
    if (!is(check, "\"gradients\"")) return "there are no optimizers yet";
    if (count(member(problem, "network")) != 1) return "only one layer";
    if (!loss || *loss != '{' || (*upstream == '{' && size(upstream) != 1)) return "only with a loss of one number";
    for (const char *p = blank(member(loss, "options") + 1); *p != '}'; p = blank(past(blank(past(p))))) {
        const char *value = blank(past(p)); /* an option that is not known is refused, never ignored */
        int usual = (is(p, "\"reduction\"") && is(value, "\"mean\"")) || (is(p, "\"scale\"") && is(value, "\"whole\""));
        if (!usual) return "only the mean of the whole square";
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
    const char *layer = first(member(problem, "network")), *loss = member(problem, "loss");
    const char *own = member(layer, "parameters"), *parameters = member(problem, "parameters");
    char *ofx = string(first(member(layer, "inputs"))), *ofy = string(member(layer, "name"));
    char *ofW = string(member(own, "W")), *ofb = member(own, "b") ? string(member(own, "b")) : NULL;
    const char *x = member(member(problem, "inputs"), ofx), *W = member(parameters, ofW);
    const char *b = ofb ? member(parameters, ofb) : NULL, *upstream = member(problem, "upstream");
    const char *target = member(member(problem, "inputs"), string(member(member(loss, "targets"), "target")));
    int D = atoi(first(member(W, "shape"))), K = D ? size(W) / D : 0, N = D ? size(x) / D : 0;
    double *y = room(N * K), *dy = room(N * K), *dx = room(N * D), *dW = room(D * K), *db = room(K);

    linear(N, D, K, array(x), array(W), b ? array(b) : NULL, y);
    double value = mean_squared_error(N * K, y, array(target), dy);
    double above = *upstream == '{' ? *array(upstream) : 1; /* the gradient of what stands above the loss */
    for (int i = 0; i < N * K; i++) dy[i] *= above;
    linear_backward(N, D, K, array(x), array(W), dy, dx, dW, db);

    put("loss", "", "[]", &value, 1);
    put("output.", ofy, member(target, "shape"), y, N * K);
    put("gradient.", ofy, member(target, "shape"), dy, N * K);
    put("gradient.", ofx, member(x, "shape"), dx, N * D);
    put("gradient.", ofW, member(W, "shape"), dW, D * K);
    if (b) put("gradient.", ofb, member(b, "shape"), db, K);
}

int main(void) {
    char *line = NULL;
    size_t room_for = 0;
    while (getline(&line, &room_for, stdin) > 0) {
        const char *request = blank(line), *problem = member(request, "problem");
        int id = atoi(member(request, "id"));
        if (is(member(request, "kind"), "\"stop\"")) return 0;
        if (is(member(request, "kind"), "\"describe\"")) {
            printf("{\"kind\": \"description\", \"id\": %d, \"protocol\": 1, \"name\": \"mine\", \"version\": \"0.1\", "
                   "\"precisions\": [\"float64\"], \"operations\": %s}\n", id, operations);
        } else {
            const char *reason = refusal(problem, member(request, "check"));
            printf("{\"kind\": \"%s\", \"id\": %d, ", reason ? "unsupported" : "trace", id);
            if (reason) printf("\"reason\": \"%s\"}\n", reason);
            else printf("\"trace\": {"), trace(problem), printf("}}\n");
        }
        fflush(stdout); /* else the answer waits in a buffer, and so does whoever asked */
    }
    return 0;
}
