// What a mistyped name probably was, for errors.
#pragma once
#include <string>
#include <vector>

namespace pynn {

// "; did you mean 'relu'?" for the name closest to the word, or nothing where none is close.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& names);

}  // namespace pynn
