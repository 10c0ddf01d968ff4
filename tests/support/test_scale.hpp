#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

/// How many rounds of `count` a test should do: all of them in an ordinary
/// build, a tenth under a sanitizer; ten times as many of either if the
/// environment says MUSTER_TEST_SCALE=full.
inline std::uint64_t test_scale(std::uint64_t count) {
  const char* wish = std::getenv("MUSTER_TEST_SCALE");
  const bool full = wish != nullptr && std::string_view{wish} == "full";
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return full ? count : count / 10;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return full ? count : count / 10;
#endif
#endif
  return full ? count * 10 : count;
}
