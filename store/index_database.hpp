#pragma once

#include "muster/messages/access_messages.hpp"
#include "muster/store/index_file.hpp"
#include "muster/store/index_memory.hpp"

#include <functional>
#include <set>

namespace muster {

/// Something that happened to the index and that somebody should be told.
struct index_notice {
  /// index-missing        there was none; it was folded anew
  /// index-set-aside      the file was not usable; it was renamed and folded anew
  /// index-other-schema   another version made it; it was folded anew
  /// index-ahead          it held more than the feeds; set aside, folded anew
  /// index-behind         it lacked so much that folding anew was quicker
  /// index-limits         a feed ends earlier than it is folded; folded anew
  /// index-reopened       an error, or the file was moved; it is open again
  /// index-in-memory      no file can be had; reads are answered from memory
  std::string_view code;
  std::string message;
};

/// A claim of a saga in flight.
struct pending_claim {
  std::string saga;
  agent_id agent;
  std::string path;
  friend bool operator==(const pending_claim&, const pending_claim&) = default;
};

/// The index, whatever happens to its file.
///
/// X1  What it answers is what a fold of the source's commits says, as far as
///     they were there at `open` or named in an `apply`.
/// X2  The file is derived. What is wrong with it is never repaired: the file
///     is set aside and made anew from the source.
/// X3  State vector, records and the sum over all rows change in one
///     transaction. A file that is not, row for row, what was written is not
///     used: it is read whole before it is, unless whoever opens it knows that
///     nobody has written to it since it was read and closed here.
/// X4  Where no file can be had, all is answered from memory. `heal` goes back
///     to a file once there can be one.
/// X5  Nothing here fails but for the source, or a commit with a gap before it.
class index_database {
public:
  /// Nothing is opened yet. `source` outlives the index; `path` is absolute.
  index_database(const environment& env, std::string path, commit_source& source, index_options options);

  /// Ready afterwards, and as far as the source. Claims of an earlier process
  /// are gone. If the source fails it is tried again before anything is
  /// answered. `first`: of the file that is there now, as X3 says.
  expected<void> open(index_file::audit first = index_file::audit::whole);

  /// Closes the file in order; an error says that its log is still to be
  /// finished. Answers afterwards open it again.
  expected<void> close();

  /// Makes the file anew from the source, whatever it says. Until the new one
  /// is whole the old one stays.
  expected<void> rebuild();

  /// Reads the whole file, as an opening does. Changes nothing.
  expected<void> audit();

  /// Changes whenever everything was read anew, so that nothing that was taken
  /// over from here before is good.
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

  /// Folds in commits that stand in the source.
  expected<void> apply(std::span<const commit> commits);

  /// Goes back to a file if the index is in memory. Whether it has a file.
  expected<bool> heal();
  [[nodiscard]] bool in_memory() const noexcept { return file_ == nullptr; }
  /// Why a file could not be made the last time.
  [[nodiscard]] const std::string& why_in_memory() const noexcept { return why_in_memory_; }

  /// As in `index_content`.
  expected<std::optional<agent_record>> agent(const agent_id& id);
  expected<void> each_agent(const std::function<void(const agent_id&, const agent_record&)>& take);
  /// `begin` comes before the first row, and again before all rows once more
  /// after an error on the way.
  expected<void> each_row(const row_filter& which, const std::function<void()>& begin, const take_row& take);
  /// The rows of each filter, as the same index has them.
  expected<void> each_row(std::span<const row_filter> which, const std::function<void()>& begin, const take_row& take);
  /// The same of each of these agents.
  expected<void> each_row_of(const std::set<agent_id>& agents, const std::function<void()>& begin,
                             const take_row& take);
  expected<std::vector<rule_put>> rules();
  /// The same with who made each, and when.
  expected<std::vector<reach_rule>> rules_by_hand();
  /// What is known of one, but for the agents of its namespaces.
  expected<rule_found> rule(const rule_key& key);
  expected<std::optional<denial_record>> denial(const denial_key& key);
  /// That which stands of a path, or `above` of the nearest directory above it.
  expected<std::optional<deny_put>> denial_of(const instance_id& owner, const std::string& path, bool above);
  /// Those of one instance that stand, by path.
  expected<std::vector<std::pair<std::string, denial_record>>> denials_of(const instance_id& owner);
  expected<std::uint64_t> conflicts();
  [[nodiscard]] const instance_table& instances() const { return content_->instances(); }
  [[nodiscard]] const index_options& options() const noexcept { return options_; }

  /// The canonical text of the shared content (docs/formats.md).
  expected<std::string> dump();

  /// Takes an agent and a path for a saga; refused with `claimed` while another
  /// saga has either. May be repeated. In memory: a start has none.
  expected<void> claim(const pending_claim& wanted);
  /// Gives back what a saga has; nothing if it has nothing.
  void release(const std::string& saga);
  [[nodiscard]] const std::vector<pending_claim>& claims() const noexcept { return claims_; }

  /// What happened since the last call.
  [[nodiscard]] std::vector<index_notice> take_notices() { return std::exchange(notices_, {}); }

private:
  enum class old_file : std::uint8_t { set_aside, remove };

  void note(std::string_view code, std::string message) { notices_.push_back({code, std::move(message)}); }
  expected<void> start();
  /// The file that is there, if it is good, brought up to the source.
  expected<void> open_file();
  expected<void> fit_to_source(index_file& file);
  expected<void> catch_up(index_file& file);
  expected<void> make_anew(old_file fate);
  expected<void> put_away(old_file fate);
  /// Whether the file at the path should be kept because a feed is damaged.
  bool may_hold_what_is_lost();
  [[nodiscard]] bool is_ahead(const index_file& file, const state_vector& ends) const;
  expected<void> replace_file(const index_memory& folded, old_file fate);
  /// After `why` came from the content: a file or memory again.
  expected<void> recover(const failure& why);
  /// Runs `ask`, which may fail once because of the file.
  template <class Ask>
  auto answer(Ask&& ask) -> decltype(ask());
  /// Ready, and the file is where it should be.
  expected<void> make_sure();
  /// What the source hands over; its own failure, unlike that of `take`, is
  /// remembered.
  expected<void> read_source(const state_vector& have, const std::function<expected<void>(const commit&)>& take);
  void use(std::unique_ptr<index_file> file);

  environment env_;
  std::string path_;
  commit_source& source_;
  index_options options_;
  std::unique_ptr<index_content> content_;
  index_file* file_ = nullptr; ///< the content, if it has a file
  bool ready_ = false;
  index_file::audit first_audit_ = index_file::audit::whole;
  std::uint64_t generation_ = 0;
  std::string why_in_memory_;
  std::optional<failure> source_failure_; ///< of the last start
  std::vector<pending_claim> claims_;
  std::vector<index_notice> notices_;
};

/// "1234 ops, 4 behind": how far a fold is of what is held.
[[nodiscard]] std::string describe_progress(std::uint64_t held, std::uint64_t folded);

} // namespace muster
