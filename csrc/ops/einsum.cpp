// Einstein summation as permutations, sums and batched matrix products, two operands at a time from the left.
#include <algorithm>

#include "core/error.h"
#include "ops/creation.h"
#include "ops/elementwise.h"
#include "ops/linear.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace pynn::ops {
namespace {

// A tensor whose axes are named by letters. Axes that an ellipsis stands for are named by the capital letters and
// beyond that the user did not write: codes from 128 up, counted from the right so that operands align.
struct Labelled {
  Tensor x;
  std::string labels;
};

constexpr unsigned char kEllipsisAxis = 128;

[[noreturn]] void bad(const std::string& subscripts, const std::string& why) {
  throw ValueError(message("einsum '", subscripts, "': ", why));
}

// How an error names a label.
std::string shown(char label) {
  return static_cast<unsigned char>(label) >= kEllipsisAxis ? "..." : std::string(1, label);
}

// Letters of one term; "..." becomes `ellipsis` codes.
std::string expand_term(const std::string& subscripts, const std::string& term, int ellipsis) {
  std::string labels;
  if (term.find("...") != term.rfind("...")) bad(subscripts, message("'", term, "' holds '...' twice"));
  for (size_t i = 0; i < term.size(); ++i) {
    if (term[i] == ' ') continue;
    if (term.compare(i, 3, "...") == 0) {
      for (int d = ellipsis - 1; d >= 0; --d) labels += static_cast<char>(kEllipsisAxis + d);
      i += 2;
    } else if (std::isalpha(static_cast<unsigned char>(term[i]))) {
      labels += term[i];
    } else {
      bad(subscripts, message("'", std::string(1, term[i]), "' is neither a letter nor '...'"));
    }
  }
  return labels;
}

int letters_in(const std::string& term) {
  return static_cast<int>(std::count_if(term.begin(), term.end(), [](unsigned char c) { return std::isalpha(c); }));
}

// A letter that stands twice takes the diagonal, as what is left of a sum without the other elements: that has a
// derivative as it is.
Labelled diagonals(const std::string& subscripts, int operand, Labelled t) {
  for (size_t i = 0; i < t.labels.size(); ++i)
    for (size_t j = i + 1; j < t.labels.size();) {
      if (t.labels[i] != t.labels[j]) {
        ++j;
        continue;
      }
      const int a = static_cast<int>(i), b = static_cast<int>(j);
      const int64_t n = t.x.shape()[a];
      if (n != t.x.shape()[b])
        throw ShapeError(message("einsum '", subscripts, "': '", shown(t.labels[i]), "' is ", std::to_string(n),
                                 " and ", std::to_string(t.x.shape()[b]), " in operand ", std::to_string(operand)));
      Shape wide(t.x.ndim(), 1);
      wide[a] = wide[b] = n;
      const Tensor diagonal = reshape(eye(n, n, 0, Dtype::boolean, t.x.device()), wide);
      t.x = sum(where(diagonal, t.x, scalar_like(t.x, 0)), Dims{b});
      t.labels.erase(j, 1);
    }
  return t;
}

Labelled sum_over(Labelled t, const std::string& wanted) {
  Dims axes;
  std::string labels;
  for (size_t i = 0; i < t.labels.size(); ++i) {
    if (wanted.find(t.labels[i]) == std::string::npos)
      axes.push_back(static_cast<int64_t>(i));
    else
      labels += t.labels[i];
  }
  if (!axes.empty()) t.x = sum(t.x, axes);
  return {t.x, labels};
}

// t with its axes in the order of `labels`; labels that it lacks become axes of size 1.
Tensor arranged(const Labelled& t, const std::string& labels) {
  Dims order;
  Shape shape;
  for (char c : labels) {
    const size_t at = t.labels.find(c);
    if (at != std::string::npos) order.push_back(static_cast<int64_t>(at));
  }
  const Tensor x = permute_dims(t.x, order);
  int next = 0;
  for (char c : labels) shape.push_back(t.labels.find(c) == std::string::npos ? 1 : x.shape()[next++]);
  return reshape(x, shape);
}

bool has(const std::string& s, char c) { return s.find(c) != std::string::npos; }

// Two operands, keeping the labels in `wanted`: batch labels stand in both and are kept, contracted ones are not kept.
Labelled contract(const Labelled& a0, const Labelled& b0, const std::string& wanted) {
  const Labelled a = sum_over(a0, wanted + b0.labels), b = sum_over(b0, wanted + a0.labels);
  std::string batch, left, right, inner;
  for (char c : a.labels) (has(b.labels, c) ? (has(wanted, c) ? batch : inner) : left) += c;
  for (char c : b.labels)
    if (!has(a.labels, c)) right += c;
  const Tensor x = arranged(a, batch + left + inner), y = arranged(b, batch + inner + right);
  const int nb = static_cast<int>(batch.size()), nl = static_cast<int>(left.size()),
            ni = static_cast<int>(inner.size());
  Shape xs, ys, result;
  int64_t k = 1, m = 1, n = 1;
  for (int d = 0; d < nb; ++d) {
    xs.push_back(x.shape()[d]);
    ys.push_back(y.shape()[d]);
  }
  Shape shared = broadcast("einsum", xs, ys);
  result = shared;
  for (int d = nb; d < nb + nl; ++d) m *= x.shape()[d], result.push_back(x.shape()[d]);
  for (int d = nb + ni; d < y.ndim(); ++d) n *= y.shape()[d], result.push_back(y.shape()[d]);
  // A contracted axis of size 1 broadcasts against the other operand's.
  Shape kx, ky;
  for (int d = 0; d < ni; ++d) {
    kx.push_back(x.shape()[nb + nl + d]);
    ky.push_back(y.shape()[nb + d]);
  }
  const Shape inner_shape = broadcast("einsum", kx, ky);
  for (int64_t size : inner_shape) k *= size;
  Shape x_full = x.shape(), y_full = y.shape();
  for (int d = 0; d < ni; ++d) x_full[nb + nl + d] = y_full[nb + d] = inner_shape[d];
  xs.push_back(m), xs.push_back(k);
  ys.push_back(k), ys.push_back(n);
  return {reshape(matmul(reshape(expand(x, x_full), xs), reshape(expand(y, y_full), ys)), result),
          batch + left + right};
}

struct Terms {
  std::vector<std::string> inputs;
  std::string output;
};

Terms parse(const std::string& subscripts, const std::vector<Tensor>& operands) {
  const size_t arrow = subscripts.find("->");
  const std::string left = subscripts.substr(0, arrow);
  std::vector<std::string> terms(1);
  for (char c : left) {
    if (c == ',')
      terms.emplace_back();
    else
      terms.back() += c;
  }
  if (terms.size() != operands.size())
    bad(subscripts,
        message("names ", std::to_string(terms.size()), " operands, got ", std::to_string(operands.size())));
  Terms t;
  int widest = 0;
  for (size_t i = 0; i < terms.size(); ++i) {
    const int hidden = operands[i].ndim() - letters_in(terms[i]);
    const bool dots = terms[i].find("...") != std::string::npos;
    if (hidden < 0 || (hidden > 0 && !dots))
      bad(subscripts,
          message("'", terms[i], "' names ", std::to_string(letters_in(terms[i])), " axes", dots ? " or more" : "",
                  ", operand ", std::to_string(i), " has shape ", str(operands[i].shape())));
    widest = std::max(widest, hidden);
    t.inputs.push_back(expand_term(subscripts, terms[i], hidden));
  }
  if (arrow != std::string::npos) {
    t.output = expand_term(subscripts, subscripts.substr(arrow + 2), widest);
  } else {
    // Implicit output: ellipsis axes, then letters that stand once, in alphabetical order.
    t.output = expand_term(subscripts, "...", widest);
    std::string all;
    for (const std::string& s : t.inputs) all += s;
    std::string once;
    for (char c : all)
      if (std::isalpha(static_cast<unsigned char>(c)) && std::count(all.begin(), all.end(), c) == 1) once += c;
    std::sort(once.begin(), once.end());
    t.output += once;
  }
  for (size_t i = 0; i < t.output.size(); ++i) {
    bool known = false;
    for (const std::string& s : t.inputs) known = known || has(s, t.output[i]);
    if (!known) bad(subscripts, message("output '", shown(t.output[i]), "' stands in no operand"));
    if (t.output.find(t.output[i], i + 1) != std::string::npos)
      bad(subscripts, message("output '", shown(t.output[i]), "' stands twice"));
  }
  return t;
}

// Equal letters must have equal sizes (or 1 under an ellipsis).
void check_sizes(const std::string& subscripts, const Terms& t, const std::vector<Tensor>& operands) {
  for (size_t i = 0; i < operands.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      for (size_t a = 0; a < t.inputs[i].size(); ++a) {
        const char c = t.inputs[i][a];
        const size_t b = t.inputs[j].find(c);
        if (b == std::string::npos) continue;
        const int64_t m = operands[j].shape()[static_cast<int>(b)], n = operands[i].shape()[static_cast<int>(a)];
        if (m != n && !(static_cast<unsigned char>(c) >= kEllipsisAxis && (m == 1 || n == 1)))
          throw ShapeError(message("einsum '", subscripts, "': '", shown(c), "' is ", std::to_string(m), " in operand ",
                                   std::to_string(j), " and ", std::to_string(n), " in operand ", std::to_string(i)));
      }
}

}  // namespace

Tensor einsum(const std::string& subscripts, const std::vector<Tensor>& operands) {
  if (operands.empty()) bad(subscripts, "needs at least one operand");
  const Terms t = parse(subscripts, operands);
  check_sizes(subscripts, t, operands);
  Dtype dtype = operands[0].dtype();
  for (const Tensor& x : operands) dtype = promote("einsum", dtype, x.dtype());
  if (dtype == Dtype::boolean && operands.size() > 1)
    throw DtypeError("einsum of several operands is not defined for bool; convert first: x.astype('float32')");
  Labelled result = diagonals(subscripts, 0, {astype(operands[0], dtype), t.inputs[0]});
  for (size_t i = 1; i < operands.size(); ++i) {
    std::string wanted = t.output;
    for (size_t later = i + 1; later < operands.size(); ++later) wanted += t.inputs[later];
    const Labelled next = diagonals(subscripts, static_cast<int>(i), {astype(operands[i], dtype), t.inputs[i]});
    result = contract(result, next, wanted);
  }
  // Small integers are added up as 64-bit ones; the result has the operands' type, as NumPy's.
  return astype(arranged(sum_over(result, t.output), t.output), dtype);
}

}  // namespace pynn::ops
