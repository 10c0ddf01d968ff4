#pragma once

#include "muster/messages/op.hpp"
#include "muster/store/sha256.hpp"
#include "muster/store/winner.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// What a manifest file holds of one field.
struct held_field {
  saw_vector saw;          ///< of an edit that is found in the file now
  sha256_digest meaning{}; ///< of what the field means there
  friend bool operator==(const held_field&, const held_field&) = default;
};

/// Which ops of its fields a manifest file holds, each with all that it had
/// seen. A field that is not there was never seen in the file.
class held_versions {
public:
  /// The file holds what a commit says of the agent; other fields are as
  /// before.
  void take(const commit& made, const agent_id& agent, meaning_function meaning);
  /// The same, told after what later commits say: of fields that none of those has.
  void take_late(const commit& made, const agent_id& agent, meaning_function meaning);
  void set(std::string field, held_field what);

  /// The latest commit of which it is noted what the file holds; nothing of one before
  /// it is news any more. Fields that are set say nothing of it.
  [[nodiscard]] const commit_id& noted() const noexcept { return noted_; }
  void note(commit_id which) { noted_ = std::move(which); }
  [[nodiscard]] bool has_noted(const commit& made) const {
    return made.instance == noted_.instance && made.seq <= noted_.seq;
  }

  /// Null for a field that was never seen.
  [[nodiscard]] const held_field* find(std::string_view field) const;
  [[nodiscard]] bool empty() const noexcept { return fields_.empty(); }

  /// As it is kept: `["<instance>",<seq>,[["<instance>",<seq>,…],["<field>","<meaning>",…]],…]`,
  /// canonical JSON, first what is noted if anything is, then fields of one `saw`
  /// together, meanings in hexadecimal.
  [[nodiscard]] std::string encode() const;
  /// Nothing for a text that was not made so.
  [[nodiscard]] static std::optional<held_versions> decode(std::string_view text);

  friend bool operator==(const held_versions&, const held_versions&) = default;

private:
  std::map<std::string, held_field, std::less<>> fields_;
  commit_id noted_;
};

} // namespace muster
