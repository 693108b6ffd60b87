/*
 * Our kernels' loops in C, four floats a vector, as a contender; ../child.mjs describes the requests.
 *
 * The same algorithm as assembly/: exponent shift, a polynomial of degree 6, blocks of 1024 logits,
 * float32 sums over 32 logits and float64 beyond, the row's largest term kept apart. Compiled with
 * and without FMA it shows what the hardware allows at this vector width.
 */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 1024, GROUP = 32, MAX_SETS = 8, MAX_SAMPLES = 1 << 20 };

/* Our kernels treat rows of up to 64 classes in another way, which is not repeated here. */
enum { SHORT_CLASSES = 64 };

typedef struct {
  float *logits;
  int32_t *targets;
  float *out;
} Inputs;

typedef double (*Compute)(const Inputs *inputs);

static long rows, classes;
static struct { float max; double rest; float top; long at; } *table;

#ifdef __FMA__
static inline __m128 madd(__m128 a, __m128 b, __m128 c) { return _mm_fmadd_ps(a, b, c); }
static inline __m128 nmadd(__m128 a, __m128 b, __m128 c) { return _mm_fnmadd_ps(a, b, c); }
#else
static inline __m128 madd(__m128 a, __m128 b, __m128 c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
static inline __m128 nmadd(__m128 a, __m128 b, __m128 c) { return _mm_sub_ps(c, _mm_mul_ps(a, b)); }
#endif

/* e^x · 2^-k, see assembly/math/exp.ts */
static inline __m128 exp_shifted(__m128 z, __m128 low, __m128 magic) {
  const __m128 x = _mm_max_ps(low, z); /* the second operand wins where one is NaN */
  const __m128 biased = madd(x, _mm_set1_ps(1.44269504f), magic);
  const __m128 s = _mm_castsi128_ps(_mm_slli_epi32(_mm_castps_si128(biased), 23));
  const __m128 n = _mm_sub_ps(biased, magic);
  const __m128 t =
      nmadd(n, _mm_set1_ps(3.19461849e-5f), nmadd(n, _mm_set1_ps(0.693115234375f), x));
  __m128 q = madd(_mm_set1_ps(0.00137484795f), t, _mm_set1_ps(0.00836909097f));
  q = madd(q, t, _mm_set1_ps(0.0416696146f));
  q = madd(q, t, _mm_set1_ps(0.166665167f));
  q = madd(q, t, _mm_set1_ps(0.499999881f));
  const __m128 r = _mm_mul_ps(t, s);
  return _mm_add_ps(s, madd(_mm_mul_ps(r, t), q, r));
}

static inline float shift_of(float m) { return 2 * floorf(m * 0.72134752f); }
static inline __m128 low_of(float k) { return _mm_set1_ps((k - 127) * 0.69314718f); }
static inline __m128 magic_of(float k) { return _mm_set1_ps(12583039.0f - k); }

static inline float sum_lanes(__m128 v) {
  const __m128 pairs = _mm_add_ps(v, _mm_movehl_ps(v, v));
  return _mm_cvtss_f32(_mm_add_ss(pairs, _mm_shuffle_ps(pairs, pairs, 1)));
}

static inline __m128 load_partial(const float *p, long count) {
  float lanes[4] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY};
  memcpy(lanes, p, count * sizeof(float));
  return _mm_loadu_ps(lanes);
}

static inline void store_partial(float *p, __m128 v, long count) {
  float lanes[4];
  _mm_storeu_ps(lanes, v);
  memcpy(p, lanes, count * sizeof(float));
}

static float block_max(const float *z, long length) {
  __m128 a[8];
  for (int i = 0; i < 8; i++) a[i] = _mm_set1_ps(-INFINITY);
  long j = 0;
  for (; j + 32 <= length; j += 32)
    for (int i = 0; i < 8; i++) a[i] = _mm_max_ps(a[i], _mm_loadu_ps(z + j + 4 * i));
  for (; j + 4 <= length; j += 4) a[0] = _mm_max_ps(a[0], _mm_loadu_ps(z + j));
  if (j < length) a[1] = _mm_max_ps(a[1], load_partial(z + j, length - j));
  for (int step = 4; step > 0; step >>= 1)
    for (int i = 0; i < step; i++) a[i] = _mm_max_ps(a[i], a[i + step]);
  float lanes[4];
  _mm_storeu_ps(lanes, a[0]);
  return fmaxf(fmaxf(lanes[0], lanes[1]), fmaxf(lanes[2], lanes[3]));
}

static long block_find(const float *z, long length, float value) {
  const __m128 wanted = _mm_set1_ps(value);
  long j = 0;
  for (; j + 4 <= length; j += 4) {
    const int hits = _mm_movemask_ps(_mm_cmpeq_ps(_mm_loadu_ps(z + j), wanted));
    if (hits) return j + __builtin_ctz(hits);
  }
  while (j < length && z[j] != value) j++;
  return j;
}

/* Σ e^z · 2^-k, stored where out is not NULL; inlined, so that both forms are loops of their own */
static inline __attribute__((always_inline)) double exp_sum(const float *z, float *out, long length,
                                                            float k) {
  const __m128 low = low_of(k), magic = magic_of(k), zero = _mm_setzero_ps();
  double sum = 0;
  long j = 0;
  while (j + 8 <= length) {
    const long stop = j + GROUP < length - 7 ? j + GROUP : length - 7;
    __m128 a0 = zero, a1 = zero;
    for (; j < stop; j += 8) {
      const __m128 e0 = exp_shifted(_mm_loadu_ps(z + j), low, magic);
      const __m128 e1 = exp_shifted(_mm_loadu_ps(z + j + 4), low, magic);
      if (out) {
        _mm_storeu_ps(out + j, e0);
        _mm_storeu_ps(out + j + 4, e1);
      }
      a0 = _mm_add_ps(a0, e0);
      a1 = _mm_add_ps(a1, e1);
    }
    sum += sum_lanes(_mm_add_ps(a0, a1));
  }
  for (; j < length; j += 4) {
    const long count = length - j < 4 ? length - j : 4;
    const __m128 v = count == 4 ? _mm_loadu_ps(z + j) : load_partial(z + j, count);
    const __m128 e = exp_shifted(v, low, magic);
    if (out && count == 4) _mm_storeu_ps(out + j, e);
    else if (out) store_partial(out + j, e, count);
    sum += sum_lanes(e);
  }
  return sum;
}

static void scale(float *e, long length, float factor) {
  const __m128 f = _mm_set1_ps(factor);
  long j = 0;
  for (; j + 4 <= length; j += 4) _mm_storeu_ps(e + j, _mm_mul_ps(_mm_loadu_ps(e + j), f));
  for (; j < length; j++) e[j] *= factor;
}

/* Enters a row block by block, then joins the blocks: m, top and rest relative to shift_of(m). */
static inline __attribute__((always_inline)) void enter_row(const float *z, float *e, int apart,
                                                            float *m, double *top, double *rest) {
  long b = 0, widest = 0;
  for (long start = 0; start < classes; start += BLOCK, b++) {
    const long length = classes - start < BLOCK ? classes - start : BLOCK;
    const float *block = z + start;
    float *out = e ? e + start : NULL;
    const float max = table[b].max = block_max(block, length);
    const float k = shift_of(max);
    table[b].top = 0;
    if (apart) {
      const long at = block_find(block, length, max);
      table[b].rest = exp_sum(block, out, at, k);
      table[b].rest += exp_sum(block + at + 1, out ? out + at + 1 : NULL, length - at - 1, k);
      table[b].top = (float)exp((double)max - (double)k * M_LN2);
      if (out) out[at] = table[b].top;
    } else {
      table[b].rest = exp_sum(block, out, length, k);
    }
    if (max > table[widest].max) widest = b;
  }
  const float k = shift_of(*m = table[widest].max);
  *top = table[widest].top;
  *rest = 0;
  for (long i = 0; i < b; i++) {
    const double sum = table[i].rest + (i == widest ? 0 : table[i].top);
    *rest += ldexp(sum, (int)(shift_of(table[i].max) - k));
  }
}

static void scale_row(float *e, float m, double factor) {
  for (long start = 0, b = 0; start < classes; start += BLOCK, b++) {
    const long length = classes - start < BLOCK ? classes - start : BLOCK;
    scale(e + start, length, ldexp(factor, (int)(shift_of(table[b].max) - shift_of(m))));
  }
}

static double softmax(const Inputs *in) {
  for (long i = 0; i < rows; i++) {
    float m;
    double top, rest;
    float *e = in->out + i * classes;
    enter_row(in->logits + i * classes, e, 0, &m, &top, &rest);
    scale_row(e, m, 1 / rest);
  }
  return 0;
}

static double cross_entropy(const Inputs *in) {
  double total = 0;
  for (long i = 0; i < rows; i++) {
    float m;
    double top, rest;
    const float *z = in->logits + i * classes;
    enter_row(z, NULL, 1, &m, &top, &rest);
    total += (double)m - z[in->targets[i]] + log1p(rest / top);
  }
  return total / rows;
}

static double cross_entropy_gradient(const Inputs *in) {
  double total = 0;
  for (long i = 0; i < rows; i++) {
    float m;
    double top, rest;
    const float *z = in->logits + i * classes;
    float *e = in->out + i * classes;
    const long y = in->targets[i];
    enter_row(z, e, 1, &m, &top, &rest);
    total += (double)m - z[y] + log1p(rest / top);
    const double sum = top + rest;
    const double target = ldexp(e[y], (int)(shift_of(table[y / BLOCK].max) - shift_of(m)));
    scale_row(e, m, 1 / (sum * rows));
    e[y] = -(z[y] == m ? rest : sum - target) / sum / rows;
  }
  return total / rows;
}

static double sigmoid(const Inputs *in) {
  const long length = rows * classes;
  const __m128 c = _mm_set1_ps(0x1p-32f), low = low_of(32), magic = magic_of(32);
  const __m128 highest = _mm_set1_ps(105), sign = _mm_set1_ps(-0.0f);
  for (long j = 0; j < length; j += 4) {
    const long count = length - j < 4 ? length - j : 4;
    const __m128 v = count == 4 ? _mm_loadu_ps(in->logits + j) : load_partial(in->logits + j, count);
    const __m128 e = exp_shifted(_mm_min_ps(highest, _mm_xor_ps(v, sign)), low, magic);
    const __m128 y = _mm_div_ps(c, _mm_add_ps(c, e));
    if (count == 4) _mm_storeu_ps(in->out + j, y);
    else store_partial(in->out + j, y, count);
  }
  return 0;
}

static const struct { const char *name; Compute compute; int by_rows, loss, values; } WORKLOADS[] = {
    {"softmax", softmax, 1, 0, 1},
    {"crossEntropy", cross_entropy, 1, 1, 0},
    {"crossEntropy with gradient", cross_entropy_gradient, 1, 1, 1},
    {"sigmoid", sigmoid, 0, 0, 1},
};

static void *read_file(const char *folder, const char *name, int index, size_t bytes) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s%d", folder, name, index);
  void *data = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
  FILE *file = fopen(path, "rb");
  if (!data || !file || fread(data, 1, bytes, file) != bytes) {
    fprintf(stderr, "loops: cannot read %s\n", path);
    exit(1);
  }
  fclose(file);
  return data;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec * 1e-6;
}

static int compare(const void *a, const void *b) {
  return (*(double *)a > *(double *)b) - (*(double *)a < *(double *)b);
}

static double median_time(Compute compute, const Inputs *inputs, int sets, double milliseconds) {
  static double samples[MAX_SAMPLES];
  int count = 0, index = 0;
  compute(&inputs[0]);
  for (const double start = now(); count < MAX_SAMPLES && (count < 2 || now() - start < milliseconds);) {
    index = (index + 1) % sets;
    const double before = now();
    compute(&inputs[index]);
    samples[count++] = now() - before;
  }
  qsort(samples, count, sizeof(double), compare);
  return (samples[(count - 1) / 2] + samples[count / 2]) / 2;
}

int main(void) {
  char line[4096], folder[2048];
  Inputs inputs[MAX_SETS] = {0};
  int workload = -1, sets = 0;
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    char *word = strtok(line, "\t");
    if (!strcmp(word, "title")) {
      printf("C, gcc %s -O3, 128 bits%s\n", __VERSION__, FLAVOUR);
    } else if (!strcmp(word, "open")) {
      const char *name = strtok(NULL, "\t");
      snprintf(folder, sizeof folder, "%s", strtok(NULL, "\t"));
      sets = atoi(strtok(NULL, "\t"));
      const int axis = atoi(strtok(NULL, "\t"));
      long sizes[8];
      int dimensions = 0;
      for (char *size; (size = strtok(NULL, "\t")) && dimensions < 8;) sizes[dimensions++] = atol(size);
      workload = -1;
      for (unsigned i = 0; i < sizeof WORKLOADS / sizeof *WORKLOADS; i++)
        if (!strcmp(WORKLOADS[i].name, name)) workload = i;
      const int is_short = workload >= 0 && WORKLOADS[workload].by_rows && sizes[axis] <= SHORT_CLASSES;
      if (workload < 0 || is_short || axis != dimensions - 1 || sets > MAX_SETS) {
        sets = 0;
        puts("skip");
      } else {
        classes = sizes[axis];
        rows = 1;
        for (int i = 0; i < axis; i++) rows *= sizes[i];
        table = malloc((classes / BLOCK + 1) * sizeof *table);
        const size_t bytes = rows * classes * sizeof(float);
        for (int i = 0; i < sets; i++) {
          inputs[i].logits = read_file(folder, "logits", i, bytes);
          inputs[i].targets = read_file(folder, "targets", i, rows * sizeof(int32_t));
          inputs[i].out = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
          memset(inputs[i].out, 0, bytes);
        }
        puts("ok");
      }
    } else if (!strcmp(word, "round")) {
      const double milliseconds = atof(strtok(NULL, "\t"));
      printf("ms %.9f\n", median_time(WORKLOADS[workload].compute, inputs, sets, milliseconds));
    } else if (!strcmp(word, "outcome")) {
      const Inputs *in = &inputs[atoi(strtok(NULL, "\t"))];
      const double loss = WORKLOADS[workload].compute(in);
      if (WORKLOADS[workload].values) {
        char path[4096];
        snprintf(path, sizeof path, "%s/values", folder);
        FILE *file = fopen(path, "wb");
        fwrite(in->out, sizeof(float), rows * classes, file);
        fclose(file);
      }
      if (WORKLOADS[workload].loss) printf("loss %.17g\n", loss);
      else puts("none");
    } else if (!strcmp(word, "close")) {
      for (int i = 0; i < sets; i++) {
        free(inputs[i].logits);
        free(inputs[i].targets);
        free(inputs[i].out);
      }
      free(table);
      table = NULL;
      sets = 0;
      puts("ok");
    }
    fflush(stdout);
  }
  return 0;
}
