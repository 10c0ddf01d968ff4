#pragma once

#include "muster/runner/documents.hpp"
#include "muster/runner/service.hpp"
#include "muster/store/json.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace muster {

/// Something that a scan has found and that could be registered.
struct found_candidate {
  std::string path;
  std::string scan_root;
  std::string strategy;
  std::string runtime;
  std::string name;
  std::string description;
  std::vector<std::string> capabilities;
};

/// Those of a scan's document that are not denied.
[[nodiscard]] std::vector<found_candidate> candidates_of(json::value scanned);

/// What registers one with what was inferred of it.
[[nodiscard]] request_document registration_of(const found_candidate& which);

struct candidates_registered {
  struct refusal {
    std::string path;
    failure why;
  };
  std::vector<std::string> placed; ///< documents, in the order of the candidates
  std::vector<refusal> failed;     ///< likewise
  std::size_t left = 0;            ///< that were not tried
};

/// Registers them, several at once, so that they share what makes them durable.
/// `go_on(done)` is asked now and then; false leaves the rest.
[[nodiscard]] candidates_registered register_candidates(service& with, const std::vector<found_candidate>& which,
                                                        const std::function<bool(std::size_t done)>& go_on);

/// For people, and the members that `--json` adds to the scan's document.
[[nodiscard]] std::string registered_text(const candidates_registered& what);
[[nodiscard]] std::string registered_members(const candidates_registered& what);

/// `done` of `all` as a bar.
[[nodiscard]] std::string bar_text(std::size_t done, std::size_t all);

} // namespace muster
