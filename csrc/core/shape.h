// Shapes, strides and axes: short lists of integers without allocation, and the rules that combine them.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include "core/error.h"

namespace pynn {

static constexpr int kMaxDims = 32;  // as NumPy 1 has; copies of a shape cost what its own dimensions do

// Up to kMaxDims integers. Only the first `size()` are meaningful.
class Dims {
 public:
  Dims() {}  // not `= default`: Dims{} would write all of v_
  Dims(std::initializer_list<int64_t> v) {
    for (int64_t x : v) push_back(x);
  }
  Dims(int n, int64_t value) {
    for (int i = 0; i < n; ++i) push_back(value);
  }
  Dims(const Dims& o) : n_(o.n_) { copy(o); }
  Dims& operator=(const Dims& o) {
    n_ = o.n_;
    copy(o);
    return *this;
  }

  int size() const { return n_; }
  bool empty() const { return n_ == 0; }
  int64_t& operator[](int i) { return v_[i]; }
  const int64_t& operator[](int i) const { return v_[i]; }
  int64_t* begin() { return v_; }
  int64_t* end() { return v_ + n_; }
  const int64_t* begin() const { return v_; }
  const int64_t* end() const { return v_ + n_; }
  int64_t& back() { return v_[n_ - 1]; }
  const int64_t& back() const { return v_[n_ - 1]; }

  void push_back(int64_t x) {
    if (n_ == kMaxDims) throw ShapeError("a tensor has at most " + std::to_string(kMaxDims) + " dimensions");
    v_[n_++] = x;
  }
  void pop_back() { --n_; }
  void insert(int at, int64_t x) {
    push_back(x);
    for (int i = n_ - 1; i > at; --i) v_[i] = v_[i - 1];
    v_[at] = x;
  }
  void erase(int at) {
    for (int i = at; i + 1 < n_; ++i) v_[i] = v_[i + 1];
    --n_;
  }
  bool operator==(const Dims& o) const {
    if (n_ != o.n_) return false;
    for (int i = 0; i < n_; ++i)
      if (v_[i] != o.v_[i]) return false;
    return true;
  }

 private:
  void copy(const Dims& o) {
    for (int i = 0; i < n_; ++i) v_[i] = o.v_[i];
  }
  int n_ = 0;
  int64_t v_[kMaxDims];
};

using Shape = Dims;
using Strides = Dims;  // in elements
using Axes = Dims;     // each in [0, ndim), rising

std::string str(const Dims&);  // "(2, 3)", "(4,)", "()"

// The number of elements. Throws ShapeError where it overflows or a size is negative.
int64_t element_count(const Shape&);

// Row-major strides.
Strides contiguous_strides(const Shape&);

// The shape that both broadcast to, or nullopt.
std::optional<Shape> try_broadcast(const Shape&, const Shape&);
// The same; the error names the operation and the axis that does not fit.
Shape broadcast(const char* op, const Shape&, const Shape&);

// `axis` counted from the front; the error names the operation.
int normalize_axis(const char* op, int64_t axis, int ndim);
// Every axis counted from the front and sorted; a repeated axis is an error. nullopt means all axes.
Axes normalize_axes(const char* op, const std::optional<Dims>& axes, int ndim);

// `shape` without `axes` (rising), or with 1 in their place.
Shape reduced_shape(const Shape& shape, const Axes& axes, bool keepdims);

}  // namespace pynn
