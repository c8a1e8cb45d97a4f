// Python reads the signature of a function of C from the start of its documentation: "name(x, /, axis=0)\n--\n\n".
#include "bindings/signature.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "core/error.h"

namespace py = pybind11;

namespace pynn {
namespace {

// The pieces between commas outside of brackets.
std::vector<std::string> pieces(std::string_view text) {
  std::vector<std::string> all(1);
  int depth = 0;
  char quote = 0;
  for (const char c : text) {
    if (quote ? c == quote : c == '\'' || c == '"') quote = quote ? 0 : c;
    if (!quote) depth += (c == '(' || c == '[' || c == '{') - (c == ')' || c == ']' || c == '}');
    if (c == ',' && depth == 0 && !quote)
      all.emplace_back();
    else if (c != ' ' || !all.back().empty())
      all.back() += c;
  }
  if (all.back().empty()) all.pop_back();
  return all;
}

std::string name_of(std::string_view piece) { return std::string(piece.substr(0, piece.find(':'))); }

Parameter parameter(const std::string& piece) {
  Parameter p;
  const size_t colon = piece.find(':'), equals = piece.rfind(" = ");
  p.name = piece.substr(0, std::min(colon, equals));
  if (equals != std::string::npos) p.default_value = piece.substr(equals + 3);
  if (colon != std::string::npos && colon < equals)
    p.type = piece.substr(colon + 2, equals == std::string::npos ? equals : equals - colon - 2);
  return p;
}

// A default as Python evaluates it without any names: repr writes infinity as one.
std::string literal(const std::string& value) {
  if (value == "inf") return "1e999";
  if (value == "-inf") return "-1e999";
  return value;
}

bool keeps_types() {
  static const bool keeps = std::getenv("PYNN_TYPED_DOCS") != nullptr;
  return keeps;
}

const py::detail::function_record& record(PyCFunctionObject* f) {
  return *py::detail::function_record_ptr_from_PyObject(f->m_self);
}

// "name(x, /)\n--\n\n", then the documentation that the binding has. pybind11 frees it with the function.
char* signed_text(const std::string& name, const py::detail::function_record& r, bool bound) {
  return strdup((name + written(parsed(r.signature), bound) + "\n--\n\n" + (r.doc ? r.doc : "")).c_str());
}

}  // namespace

Signature parsed(std::string_view text) {
  text = text.substr(1, text.rfind(") -> ") - 1);
  Signature s;
  bool by_position = true;
  for (const std::string& piece : pieces(text)) {
    if (piece == "/") {
      for (Parameter& p : s.parameters) p.by_name = false;
    } else if (piece == "*") {
      by_position = false;
    } else if (piece.starts_with("**")) {
      s.more_names = name_of(piece.substr(2));
    } else if (piece[0] == '*') {
      s.more_positions = name_of(piece.substr(1));
      by_position = false;
    } else {
      s.parameters.push_back(parameter(piece));
      s.parameters.back().by_position = by_position;
    }
  }
  return s;
}

std::string written(const Signature& s, bool bound) {
  std::string text;
  const auto add = [&](const std::string& piece) { text += (text.empty() ? "" : ", ") + piece; };
  bool star = false, slash = false;
  for (const Parameter& p : s.parameters) {
    if (p.by_name && slash) add("/"), slash = false;
    slash = !p.by_name;
    if (!p.by_position && !star) add("*" + s.more_positions), star = true;
    add((bound && text.empty() ? "$" : "") + p.name + (p.default_value.empty() ? "" : "=" + literal(p.default_value)));
  }
  if (slash) add("/");
  if (!s.more_positions.empty() && !star) add("*" + s.more_positions);
  if (!s.more_names.empty()) add("**" + s.more_names);
  return "(" + text + ")";
}

void sign(PyCFunctionObject* function) {
  const auto& r = record(function);
  if (r.next || keeps_types()) return;  // several signatures: pybind11's text lists them
  const char*& doc = function->m_ml->ml_doc;
  std::free(const_cast<char*>(doc));
  doc = signed_text(r.name, r, false);
}

const char* signed_method(PyCFunctionObject* function) {
  const auto& r = record(function);
  return r.next || keeps_types() ? function->m_ml->ml_doc : signed_text(r.name, r, true);
}

void sign_class(PyTypeObject* type) {
  if (keeps_types()) return;
  const py::handle class_(reinterpret_cast<PyObject*>(type));
  const py::object init = py::getattr(class_, "__init__", py::none());
  if (!PyCFunction_Check(init.ptr())) return;
  auto* f = reinterpret_cast<PyCFunctionObject*>(init.ptr());
  if (!f->m_self || !py::detail::function_record_ptr_from_PyObject(f->m_self) || record(f).next) return;
  const py::object doc = class_.attr("__doc__");
  const std::string text = std::string(py::str(class_.attr("__name__"))) + written(parsed(record(f).signature), true) +
                           "\n--\n\n" + (doc.is_none() ? std::string() : std::string(py::str(doc)));
  char* copy = static_cast<char*>(PyObject_Malloc(text.size() + 1));
  if (!copy) throw std::bad_alloc();
  std::memcpy(copy, text.c_str(), text.size() + 1);
  PyObject_Free(const_cast<char*>(type->tp_doc));  // as Python does when the type goes
  type->tp_doc = copy;
}

}  // namespace pynn
