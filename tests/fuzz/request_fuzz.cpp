// Input: one byte that says which operation, then its request as somebody sent
// it.

#include "muster/runner/failure_document.hpp"
#include "muster/runner/path_spelling.hpp"
#include "muster/runner/request_decoding.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

using namespace muster;

namespace {

void must(bool holds, const char* what) {
  if (holds)
    return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// A selector or path that a request may carry to an actor.
void check_bytes(const std::string& text, std::size_t limit) {
  must(text.size() <= limit, "texts are bounded");
  must(text.find('\0') == std::string::npos, "no text holds a zero byte");
}

void check_path(const std::string& path) {
  check_bytes(path, request_limits::path);
  must(path.empty() || path.front() == '/', "a path is absolute");
  must(read_path(spell_path(path)) == path, "a path that is spelled is read again");
}

void check_update(const update_agent& what) {
  must(!what.selector.empty() && what.assignments.size() <= request_limits::entries, "an update names an agent");
  for (const auto& each : what.assignments) {
    must(!each.path.empty(), "a change names a member");
    must(!each.value || json::document::parse(*each.value), "a value is JSON");
  }
}

void check(unsigned which, request_reader from) {
  switch (which) {
    case 0: {
      const auto read = read_register(from);
      if (!from.finish())
        return;
      check_path(read.path);
      check_path(read.scan_root);
      must(!read.path.empty(), "a registration names a path");
      return;
    }
    case 1: {
      const auto read = read_update(from);
      if (from.finish())
        check_update(read);
      return;
    }
    case 2: {
      const auto read = read_revert(from);
      if (from.finish())
        must(read.version.seq > 0 && !read.message.selector.empty(), "a version has a seq");
      return;
    }
    case 3: {
      const auto read = read_log_request(from);
      if (from.finish())
        must(read.message.limit > 0 && read.message.limit <= 10000, "a log is bounded");
      return;
    }
    default: {
      const auto read = read_move(from);
      if (from.finish())
        check_path(read.path);
    }
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  (void)read_failure_document(bytes);
  const auto document =
      json::document::parse(std::string(bytes), {.bytes = request_limits::bytes, .depth = request_limits::depth});
  if (document && document->root().is(json::kind::object))
    check(data[0] - unsigned{'0'}, request_reader(document->root()));
  return 0;
}
