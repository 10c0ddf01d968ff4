#pragma once

#include "muster/store/fold_memory.hpp"
#include "muster/store/fold_view.hpp"

namespace muster {

/// Writes what a fold says as text: the same content gives the same bytes,
/// wherever its records are kept and in whatever order they are entered. The
/// grammar is in docs/formats.md under "Dump" and stays as it is.
class fold_dump {
public:
  /// `instances` outlives the dump.
  fold_dump(const instance_table& instances, meaning_function meaning);

  void enter(const agent_id& id, const agent_record& record);
  void enter(const rule_key& key, const shared_register& record);
  void enter(const denial_key& key, const denial_record& record);

  /// The text of all that was entered and of the instances. To be called once.
  [[nodiscard]] std::string finish();

private:
  void enter_heads(std::string_view kind, const std::string& first, const std::string& second,
                   const std::vector<candidate>& candidates);
  void enter_conflict(const conflict& dispute);
  void enter_instance(const instance_record& record);

  const instance_table& instances_;
  meaning_function meaning_;
  std::vector<std::string> lines_;
  name_holders names_;
};

/// The dump of a fold in memory.
[[nodiscard]] std::string dump(const fold_memory& memory, meaning_function meaning);

} // namespace muster
