#include "core/closest.h"

#include <algorithm>

namespace pynn {
namespace {

// How many letters must be put in, left out, changed or swapped with their neighbour (Damerau 1964).
size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i)
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

}  // namespace

std::string did_you_mean(const std::string& word, const std::vector<std::string>& names) {
  if (word.size() > 40) return "";  // no slip of the pen
  size_t nearest = std::max<size_t>(1, word.size() / 3) + 1;
  const std::string* found = nullptr;
  for (const std::string& name : names) {
    const size_t d = distance(word, name);
    if (d < nearest) nearest = d, found = &name;
  }
  return found ? "; did you mean '" + *found + "'?" : "";
}

}  // namespace pynn
