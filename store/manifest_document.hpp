#pragma once

#include "muster/store/json.hpp"
#include "muster/store/manifest.hpp"
#include "muster/store/manifest_check.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster {

/// Why a manifest, or a change to one, is not taken: as a failure it has the
/// code of the first problem, and a message with their count and the first.
struct manifest_refusal : failure {
  std::vector<manifest_problem> problems = {}; ///< the first `max_listed_problems`
  std::size_t count = 0;                       ///< of all
};

template <class T>
using manifest_result = boost::system::result<T, manifest_refusal>;

/// The refusal for a report with problems. `subject` begins the message, such
/// as "the manifest".
[[nodiscard]] manifest_refusal refusal_of(manifest_report report, std::string_view subject);

/// A valid manifest: the bytes as read, where everything in them lies, and what
/// the known fields say. Nothing it does not understand is lost: it is in the
/// document.
class manifest_document {
public:
  [[nodiscard]] static manifest_result<manifest_document> read(std::string bytes);

  [[nodiscard]] const manifest& fields() const noexcept { return fields_; }
  [[nodiscard]] const json::document& document() const noexcept { return document_; }
  [[nodiscard]] std::string_view bytes() const noexcept { return document_.text(); }
  /// Bad values of `model`, `effort` and `account`: absent in `fields`, kept in the bytes.
  [[nodiscard]] const std::vector<manifest_problem>& degraded() const noexcept { return degraded_; }

private:
  manifest_document(json::document document, manifest fields, std::vector<manifest_problem> degraded) noexcept
      : document_(std::move(document)), fields_(std::move(fields)), degraded_(std::move(degraded)) {}

  json::document document_;
  manifest fields_;
  std::vector<manifest_problem> degraded_;
};

} // namespace muster
