#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/environment.hpp"
#include "muster/supervisor/journal_format.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace muster {

struct journal_options {
  /// The largest file that is read or written, in bytes. Intents get half of it,
  /// so that there is always room to say what became of them.
  std::size_t bytes = std::size_t{64} * 1024 * 1024;
  /// One line.
  std::size_t line_bytes = std::size_t{8} * 1024 * 1024;
  /// The file is written anew when it is larger, and four times what it held
  /// when it was written anew last.
  std::size_t compact_at = std::size_t{1} * 1024 * 1024;
  /// Closes that wait for the next write.
  std::size_t waiting_closes = 1024;
};

/// The file `journal` in the data directory: which sagas are under way, what
/// they replace, and what is owed.
///
/// 1. One call of `write` is one line and one sync: all of its records are in
///    the journal, or none.
/// 2. A line is begun only when every line before it is durable. So only the
///    last can be torn; anything else that does not read is damage, which is
///    told and kept aside.
/// 3. What a failed `write` carried is not in the journal: nothing more is
///    written to a file whose sync failed; the next call writes a new one
///    without it.
/// 4. What `open` found in a file is durable, or `unwritable` says why not; until
///    it is, nobody acts on it.
/// 5. The file is bounded: closed sagas are left out when it is written anew.
///
/// One journal a data directory, whose lock is held.
class journal {
public:
  /// Reads what is there and makes it durable. The failure says that it cannot
  /// be read, which is never taken for absent.
  [[nodiscard]] static expected<journal> open(const environment& env, std::string data_directory,
                                              const journal_options& options = {});

  [[nodiscard]] const std::map<saga_id, open_saga>& sagas() const noexcept { return sagas_; }
  /// A line that was durable does not read: where it was kept, and what to do.
  [[nodiscard]] const std::optional<failure>& damage() const noexcept { return damage_; }
  /// Why the file cannot be written at present; a write tries again.
  [[nodiscard]] const std::optional<failure>& unwritable() const noexcept { return unwritable_; }

  /// Adds records of any number of sagas, durably. The failure is
  /// - busy, "journal-full": no room for another intent until sagas are closed;
  /// - refused, "journal-line-too-large": split it;
  /// - failed, "journal-unwritable": the disk.
  /// In each case nothing of it is in the journal.
  [[nodiscard]] expected<void> write(std::span<const journal_record> records);

  /// Closes a saga whose close may be lost in a crash: it goes along with the
  /// next write.
  void close_later(const saga_id& saga);

  /// At an orderly stop: everything is on disk; a journal with no open saga is
  /// an empty file, which the next start need not write anew.
  [[nodiscard]] expected<void> finish();

private:
  journal(const environment& env, std::string directory, const journal_options& options)
      : env_(env), directory_path_(std::move(directory)), options_(options) {}

  expected<void> read();
  void take_in(std::string content);
  expected<void> append(const std::string& line);
  expected<void> write_anew(std::span<const journal_record> and_these);
  os_result<void> publish(const std::string& content);
  os_result<void> keep_damaged();
  [[nodiscard]] std::string whole_content(std::span<const journal_record> and_these, std::uint64_t& lines) const;
  /// Of a saga that was never begun here: nobody could tell whether its intent is in
  /// the journal, so it was refused, and nothing was done for it.
  [[nodiscard]] bool is_of_nobody(const journal_record& record) const;
  void apply(const journal_record& record);
  failure unwritable(std::string_view what, os_error why);

  environment env_;
  std::string directory_path_;
  journal_options options_;
  open_file directory_;
  open_file file_; ///< open only while its lines are all durable
  std::size_t size_ = 0;
  std::size_t size_when_new_ = 0;
  std::uint64_t lines_ = 0;
  std::map<saga_id, open_saga> sagas_;
  std::vector<journal_record> waiting_; ///< closes
  std::optional<failure> damage_;
  std::string damaged_; ///< content that is still to be kept aside
  std::optional<failure> unwritable_;
};

} // namespace muster
