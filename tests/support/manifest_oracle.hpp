#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace muster::test {

/// What one manifest may hold after an operation, hand edits and a recovery.
/// It knows contents and answers, nothing of files, names or calls, and shares
/// no code with what it judges. Ids in the findings are those of the invariants
/// that the project promises: I1 acknowledged is kept, I2 refused leaves
/// nothing, I3 unknown is atomic, I5 files are whole, I6 no hand edit is lost.
class manifest_oracle {
public:
  /// Nothing: there is no file.
  using content = std::optional<std::string>;
  enum class answer { none_yet, done, nothing_happened, unknown };

  manifest_oracle(content before, content wanted) : before_(std::move(before)), wanted_(std::move(wanted)) {}

  void answered(answer how) { answer_ = how; }
  /// A second hand wrote the file, or deleted it, and found that before.
  void hand_edit(const content& found, content made) {
    if (found)
      overwritten_.push_back(*found);
    edits_.push_back(std::move(made));
  }
  /// A content that is in no file but must not be lost.
  void hand_edit_elsewhere(std::string made) { elsewhere_.push_back(std::move(made)); }
  void recorded(std::string bytes) { recorded_.push_back(std::move(bytes)); }
  /// What set-aside files hold.
  void set_aside(std::vector<std::string> contents) { aside_ = std::move(contents); }
  /// The operation sets aside instead of removing.
  void must_set_aside() { must_set_aside_ = true; }
  /// Neither a fault nor a crash was injected: the last edit must stand.
  void undisturbed() { undisturbed_ = true; }

  /// Appends what is wrong with the file as it was found in the end.
  void judge(const content& file, std::vector<std::string>& findings) const {
    const bool edited = is_edit(file);
    if (!(file == before_ || file == wanted_ || edited))
      findings.push_back("I5: the file holds what nobody wrote: " + text(file));
    switch (answer_) {
      case answer::done:
        if (!(file == wanted_ || edited))
          findings.push_back("I1: acknowledged and lost: " + text(wanted_) + ", there is " + text(file));
        if (must_set_aside_ && before_ && edits_.empty() && !contains(aside_, *before_))
          findings.push_back("I1: set aside and lost: " + text(before_));
        break;
      case answer::nothing_happened:
        if (file == wanted_ && wanted_ != before_ && !edited)
          findings.push_back("I2: refused and there: " + text(wanted_));
        break;
      case answer::unknown:
      case answer::none_yet:
        if (!(file == before_ || file == wanted_ || edited))
          findings.push_back("I3: neither before nor after: " + text(file));
        break;
    }
    for (const auto& edit : edits_)
      if (edit && !contains(overwritten_, *edit) && file != edit && !kept(*edit))
        findings.push_back("I6: a hand edit is lost: " + *edit);
    for (const auto& edit : elsewhere_)
      if (!kept(edit))
        findings.push_back("I6: a leftover is lost: " + edit);
    if (undisturbed_ && !edits_.empty() && !newest_stands(file))
      findings.push_back("the newest edit does not stand: " + text(edits_.back()) + ", there is " + text(file));
  }

private:
  static bool contains(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  }
  [[nodiscard]] bool kept(const std::string& one) const { return contains(recorded_, one) || contains(aside_, one); }
  // Edits that end where they began are none to the operation.
  [[nodiscard]] bool newest_stands(const content& file) const {
    const auto& newest = edits_.back();
    return file == newest || (newest && contains(aside_, *newest)) || (newest == before_ && file == wanted_);
  }
  [[nodiscard]] bool is_edit(const content& file) const {
    return std::find(edits_.begin(), edits_.end(), file) != edits_.end();
  }
  static std::string text(const content& file) { return file ? "'" + file->substr(0, 40) + "'" : "no file"; }

  content before_;
  content wanted_;
  answer answer_ = answer::none_yet;
  std::vector<content> edits_;
  std::vector<std::string> overwritten_;
  std::vector<std::string> elsewhere_;
  std::vector<std::string> recorded_;
  std::vector<std::string> aside_;
  bool must_set_aside_ = false;
  bool undisturbed_ = false;
};

} // namespace muster::test
