// An optimizer's step that can be made again and again: all its arguments but the learning rate and its number.
#pragma once
#include <cstdint>
#include <functional>

namespace pynn {

struct Update {
  std::function<void(double learning_rate, int64_t step)> make;
};

}  // namespace pynn
