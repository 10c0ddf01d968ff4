#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace muster::sim {

/// A word that one request or one edit puts into a manifest, and no other.
[[nodiscard]] std::string token_of(std::uint64_t number);
/// The tokens in a text, in their order.
[[nodiscard]] std::vector<std::string> tokens_in(std::string_view text);
/// What a manifest file says, in a word: the token of its description, "plain"
/// if it has none, "broken" with what token it has if it is no JSON object.
[[nodiscard]] std::string gist_of(std::string_view bytes);

/// Orders what was seen from outside.
using moment = std::uint64_t;
inline constexpr moment not_yet = std::numeric_limits<moment>::max();

/// Somebody may have changed what a project's manifest says.
struct change {
  std::string gist; ///< of what it says then; empty: there is none
  moment begun = 0;
  moment ended = not_yet;
  bool by_hand = false;
  /// It was refused: it has changed nothing.
  bool refused = false;
  /// From its end on, what stood there when it began stands there no more.
  bool settles = false;
  /// It may turn out to concern another project, to which its agent has moved.
  bool roams = false;
  std::string what; ///< for people
};

/// What was asked of and done to each project, as an onlooker without access to
/// muster sees it, and so what each manifest may say. Which value a file may
/// have is what a register of many writers may return: a change that is over
/// hides all that ended before it began.
class sim_history {
public:
  explicit sim_history(std::size_t projects);

  [[nodiscard]] moment now() const noexcept { return now_; }
  moment next_moment() noexcept { return ++now_; }

  /// The place of a change, to be ended later.
  struct reference {
    std::size_t project = 0;
    std::size_t index = 0;
  };
  reference begin(std::size_t project, std::string gist, bool roams, std::string what);
  [[nodiscard]] change& at(reference which) { return changes_.at(which.project).at(which.index); }
  void end(reference which, bool refused, bool settles);
  /// It was about that project.
  [[nodiscard]] reference turn_to(reference which, std::size_t project);
  /// A hand edit, which is over at once. One that puts an old content back may
  /// be overruled: it settles nothing.
  void edited(std::size_t project, const std::optional<std::string>& bytes, bool settles, std::string what);

  /// Something of that gist is being tried in that project: it may yet be undone.
  [[nodiscard]] bool is_being_tried(std::size_t project, const std::string& gist) const;
  /// These bytes may go by themselves: a hand has moved there what is being tried elsewhere.
  void may_be_taken_back(std::size_t project, const std::string& bytes, std::string what);

  /// A hand has moved the project back, as it was, which may be an old content by now.
  void moved_back(std::size_t project, const std::string& bytes);

  /// Whether a manifest of that gist may be found now; the reason if not. What
  /// was refused may still be there unless everything has `settled`.
  [[nodiscard]] std::optional<std::string> objection(std::size_t project, const std::string& gist, bool settled) const;

  /// From here on a change may win over a later edit: the clock has jumped, and a
  /// process that ended may not have noted which was made upon which.
  void let_edits_clash() noexcept { edits_clash_ = true; }
  /// A hand has moved the project away and may move it back: what muster has removed
  /// from it meanwhile, or undone, was not there and is there again.
  void note_moved_away(std::size_t project) { moved_away_.insert(project); }
  [[nodiscard]] bool was_moved_away(std::size_t project) const { return moved_away_.contains(project); }

  /// A hand has put just these bytes into that project.
  [[nodiscard]] bool was_written_by_hand(std::size_t project, const std::string& bytes) const;
  /// A hand has put what has this token somewhere, be it that it was copied or
  /// moved there.
  [[nodiscard]] bool was_spread_by_hand(const std::string& token) const { return spread_.contains(token); }
  /// The directory in it came from another project, with all that was in it.
  /// A change under way there goes with it, and is taken back where it is then.
  void note_moved_into(std::size_t project, std::size_t from) { moved_into_[project].insert(from); }
  [[nodiscard]] bool was_moved_into(std::size_t project) const { return moved_into_.contains(project); }
  /// A copy of another project's manifest is in it: muster brings it up to date
  /// with what its agent says wherever that lives.
  void note_copied_into(std::size_t project) { copied_into_.insert(project); }
  [[nodiscard]] std::size_t projects() const noexcept { return changes_.size(); }
  [[nodiscard]] const std::vector<change>& of(std::size_t project) const { return changes_.at(project); }

  /// Older contents of a project, for edits that go back.
  [[nodiscard]] const std::vector<std::string>& contents(std::size_t project) const { return contents_.at(project); }
  void note_content(std::size_t project, const std::string& bytes);

private:
  /// What was over later and put another content in that project; `one` need not be of it.
  [[nodiscard]] const change* find_what_hides(const change& one, std::size_t in, bool settled) const;

  moment now_ = 0;
  bool edits_clash_ = false;
  std::vector<std::vector<change>> changes_;
  std::vector<std::vector<std::string>> contents_;
  std::vector<reference> roaming_;
  std::vector<std::set<std::string>> by_hand_;
  std::set<std::string> spread_;
  std::map<std::size_t, std::set<std::size_t>> moved_into_;
  std::set<std::size_t> moved_away_;
  std::set<std::size_t> copied_into_;
};

} // namespace muster::sim
