#pragma once

#include "muster/messages/index_messages.hpp"
#include "muster/messages/op.hpp"
#include "muster/store/manifest_document.hpp"
#include "muster/store/manifest_merge.hpp"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// A manifest against what the fold says of its agent, field by field. The id
/// is no field: it is whose fields they are.
namespace muster {

/// A field in which they differ in meaning.
struct field_difference {
  std::string field;
  std::optional<std::string> value; ///< the manifest's, canonical JSON; nothing: it says nothing
  /// The fold has moved on, and the manifest says what was true before. Else
  /// somebody has edited it.
  bool behind = false;
};

/// As many commits of an agent are looked at, the latest.
inline constexpr std::size_t most_history = 1000;

/// Which values each field of an agent ever had. A value that was never seen is
/// an edit by somebody.
class seen_values {
public:
  /// Of an agent's commits in the order of a log, newest first.
  seen_values(const agent_id& agent, std::span<const commit> log);
  [[nodiscard]] bool has(const std::string& field, const std::optional<std::string>& value) const;

private:
  void see(const std::string& field, const std::optional<std::string>& value);
  std::map<std::string, std::set<std::string>> meanings_;
};

/// By name. `found.held` tells what the file held when it was last seen.
[[nodiscard]] std::vector<field_difference> differences_of(const manifest_document& file, const agent_found& found,
                                                           const seen_values& seen);
/// The same for a file that nothing was known of: only what was seen is behind.
[[nodiscard]] std::vector<field_difference> differences_of_newcomer(const manifest_document& file,
                                                                    const agent_found& found, const seen_values& seen);

/// Of a difference that is an edit found in the file.
[[nodiscard]] field_edit found_edit(const field_difference& from, const agent_found& found);
/// Others have said something of the field that the file never held: which value
/// wins is not for us to say.
[[nodiscard]] bool is_concurrent(const field_difference& edit, const agent_found& found);
/// Of a difference that a command makes.
[[nodiscard]] field_edit made_edit(const field_difference& from, const agent_found& found);

/// The value of a top-level field, canonical JSON. Nothing: absent, or of no effect.
[[nodiscard]] std::optional<std::string> value_in(const manifest_document& file, std::string_view field);
[[nodiscard]] std::optional<std::string> value_in(const agent_found& found, const std::string& field);

/// The bytes with the fields that are behind brought up to what the fold says.
/// One whose folded value breaks the manifest stays as it is and is named in `left`.
[[nodiscard]] std::string brought_up_to_date(const manifest_document& file, std::span<const field_difference> all,
                                             const agent_found& found, std::vector<std::string>& left);

/// What the fold says of an agent, as a manifest. The failure: it is not a valid one.
[[nodiscard]] manifest_result<manifest_document> folded_manifest(const agent_id& agent, const agent_found& found);

} // namespace muster
