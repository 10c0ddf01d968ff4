#pragma once

#include "muster/runner/api.hpp"

#include <string>
#include <string_view>

namespace muster {

/// What a request for the gateway says before its body.
struct http_head {
  std::string_view method;
  std::string_view target;
  std::string_view content_type; ///< empty: none
  std::string_view release;      ///< of the client; empty: it does not say
  bool has_body = false;
};

/// Where a request goes: an operation, or the status and the failure to answer
/// with.
struct http_route {
  const operation* what = nullptr;
  unsigned status = 200;
  failure why = {failure_kind::usage, "", ""};
};

[[nodiscard]] http_route route_request(const http_head& head);

} // namespace muster
