#pragma once

#include "muster/store/instance_table.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace muster {

/// A placement that stands, with what a list shows of its agent. Texts are
/// empty where there is none, and good only while the row is handed over.
struct index_row {
  std::string_view agent = {};
  instance_index owner{};
  sequence seq = 0; ///< of the `place_put`
  stamp at = {};    ///< likewise
  std::string_view path = {};
  std::string_view scan_root = {};
  std::string_view namespace_name = {};
  bool admitted = true;
  std::string_view name = {};
  std::string_view display_name = {};
  std::string_view runtime = {};
  std::string_view registered_at = {};
  std::string_view capabilities_json = {};
  bool contested = false; ///< a field of the agent is in conflict
  /// Other where the agent's manifest means something else; 0: not known.
  std::uint64_t content = 0;
};

/// Which rows. All but `everything` are found by an index.
struct row_filter {
  enum class by : std::uint8_t {
    everything,   ///< by agent in no meaningful order
    agent,        ///< of the agent with the id `text`
    path,         ///< of the instance `owner`, at the path `text`
    name,         ///< of agents of the name `text`
    id_prefix,    ///< of agents whose ids begin with `text`
    in_namespace, ///< in the namespace `text`
  };
  by what = by::everything;
  std::string text = {};
  instance_id owner = {};
  std::size_t limit = static_cast<std::size_t>(-1);
};

using take_row = std::function<void(const index_row&)>;

} // namespace muster
