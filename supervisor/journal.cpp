#include "muster/supervisor/journal.hpp"

#include "muster/store/full_io.hpp"
#include "muster/store/set_aside.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

namespace muster {

namespace {

constexpr std::string_view file_name = "journal";
constexpr std::string_view new_name = "journal.new";

std::string said(os_error why) {
  return std::string{std::strerror(why.code)} + " (errno " + std::to_string(why.code) + ")";
}

/// A write that did not end leaves a part of a line, or holes in it.
bool is_torn(std::string_view rest) {
  return !rest.ends_with('\n') || rest.find('\0') != std::string_view::npos;
}

std::string_view next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

bool has_intent(std::span<const journal_record> records) {
  return std::ranges::any_of(records,
                             [](const auto& record) { return std::holds_alternative<journal_intend>(record); });
}

} // namespace

expected<journal> journal::open(const environment& env, std::string data_directory, const journal_options& options) {
  journal result{env, std::move(data_directory), options};
  if (auto read = result.read(); !read)
    return read.error();
  return result;
}

expected<void> journal::read() {
  const auto path = directory_path_ + "/" + std::string{file_name};
  const auto cannot = [&](os_error why) {
    return failure{failure_kind::failed,
                   "journal-unreadable",
                   "cannot read " + path + ": " + said(why) + "; nothing is begun until it can be read",
                   path,
                   "read the journal",
                   {},
                   why.code};
  };
  auto directory = open_directory(env_.files, no_handle, directory_path_);
  if (!directory)
    return cannot(directory.error());
  directory_ = std::move(*directory);
  auto content = read_file(env_.files, directory_.get(), file_name, options_.bytes);
  if (!content && content.error().code != ENOENT)
    return cannot(content.error());
  if (!content || content->empty())
    return {};
  take_in(std::move(*content));
  // What was read may be in memory only, left by a process that was killed.
  (void)write_anew({});
  return {};
}

void journal::take_in(std::string content) {
  std::string_view rest = content;
  bool damaged = false;
  for (std::string_view unread = rest; !rest.empty(); unread = rest) {
    const auto text = next_line(rest);
    auto line = decode_journal_line(text, options_.line_bytes);
    const auto follows = line && (damaged ? line->number > lines_ : line->number == lines_ + 1);
    if (!follows) {
      if (rest.empty() && is_torn(unread))
        break;
      damaged = true;
      continue;
    }
    lines_ = line->number;
    for (const auto& record : line->records)
      // After damage the intent may be among what does not read.
      if (damaged || !is_of_nobody(record))
        apply(record);
  }
  if (!damaged)
    return;
  for (auto& [saga, open] : sagas_)
    open.doubtful = true;
  const auto path = directory_path_ + "/" + std::string{file_name};
  damage_ =
      failure{failure_kind::damaged, "journal-damaged",
              path + " holds lines that do not read; it is kept beside it under the name journal.damaged-<time>. What "
                     "was under way is settled by what the files hold; muster doctor says more",
              path, "read the journal"};
  damaged_ = std::move(content);
}

bool journal::is_of_nobody(const journal_record& record) const {
  return !std::holds_alternative<journal_intend>(record) &&
         !sagas_.contains(std::visit([](const auto& what) { return what.saga; }, record));
}

void journal::apply(const journal_record& record) {
  struct visitor {
    std::map<saga_id, open_saga>& sagas;
    void operator()(const journal_intend& what) const { sagas[what.saga].intent = what.intent; }
    void operator()(const journal_aborting& what) const { sagas[what.saga].mark = what.mark; }
    void operator()(const journal_owed& what) const { sagas[what.saga].owed = what.owed; }
    void operator()(const journal_doubt& what) const { sagas[what.saga].doubtful = true; }
    void operator()(const journal_closed& what) const { sagas.erase(what.saga); }
  };
  std::visit(visitor{sagas_}, record);
}

expected<void> journal::write(std::span<const journal_record> records) {
  journal_line line{lines_ + 1, waiting_};
  line.records.insert(line.records.end(), records.begin(), records.end());
  const auto text = encode_journal_line(line);
  if (text.size() > options_.line_bytes)
    return failure{failure_kind::refused, "journal-line-too-large",
                   "a line of the journal may have " + std::to_string(options_.line_bytes) + " bytes, not " +
                       std::to_string(text.size()) + "; change less at a time",
                   directory_path_, "write the journal"};
  const auto limit = has_intent(records) ? options_.bytes / 2 : options_.bytes;
  const auto appends = file_ && size_ + text.size() <= limit;
  if (auto written = appends ? append(text) : write_anew(records); !written)
    return written.error();
  for (const auto& record : records)
    if (!is_of_nobody(record))
      apply(record);
  waiting_.clear();
  // What was just written is durable, whatever becomes of this.
  if (size_ > options_.compact_at && size_ / 4 > size_when_new_)
    (void)write_anew({});
  return {};
}

expected<void> journal::append(const std::string& line) {
  auto written = write_full(env_.files, file_.get(), size_, line);
  if (written)
    written = env_.files.sync(file_.get());
  if (!written) {
    file_ = {};
    return unwritable("write", written.error());
  }
  size_ += line.size();
  ++lines_;
  return {};
}

expected<void> journal::write_anew(std::span<const journal_record> and_these) {
  std::uint64_t lines = 0;
  const auto content = whole_content(and_these, lines);
  if (content.size() > (has_intent(and_these) ? options_.bytes / 2 : options_.bytes))
    return failure{
        failure_kind::busy, "journal-full",
        "too much is under way or owed for the journal to take more (muster doctor lists it); try again later",
        directory_path_, "write the journal"};
  file_ = {};
  auto written = damaged_.empty() ? os_result<void>{} : keep_damaged();
  if (written)
    written = publish(content);
  if (!written)
    return unwritable("write anew", written.error());
  size_ = size_when_new_ = content.size();
  lines_ = lines;
  waiting_.clear();
  unwritable_.reset();
  return {};
}

std::string journal::whole_content(std::span<const journal_record> and_these, std::uint64_t& lines) const {
  std::string content;
  const auto add = [&](std::vector<journal_record> records) {
    content += encode_journal_line({++lines, std::move(records)});
  };
  for (const auto& [saga, open] : sagas_) {
    std::vector<journal_record> records;
    if (!open.intent.empty())
      records.emplace_back(journal_intend{saga, open.intent});
    if (open.mark != abort_mark::none)
      records.emplace_back(journal_aborting{saga, open.mark});
    if (!open.owed.empty())
      records.emplace_back(journal_owed{saga, open.owed});
    if (open.doubtful)
      records.emplace_back(journal_doubt{saga});
    add(std::move(records));
  }
  if (!and_these.empty())
    add({and_these.begin(), and_these.end()});
  return content;
}

os_result<void> journal::publish(const std::string& content) {
  auto& files = env_.files;
  // A crash may have left one.
  (void)files.unlink(directory_.get(), new_name, unlink_kind::file);
  auto file = create_new(files, directory_.get(), new_name);
  if (!file)
    return file.error();
  auto written = write_full(files, file->get(), 0, content);
  if (written)
    written = files.sync(file->get());
  if (written)
    written = files.rename(directory_.get(), new_name, directory_.get(), file_name, rename_mode::replace);
  if (!written) {
    (void)files.unlink(directory_.get(), new_name, unlink_kind::file);
    return written;
  }
  if (auto synced = files.sync(directory_.get()); !synced)
    return synced;
  file_ = std::move(*file);
  return {};
}

os_result<void> journal::keep_damaged() {
  const auto name = aside_name(env_, directory_.get(), file_name, aside_kind::damaged);
  if (!name)
    return name.error();
  auto kept = write_new_file(env_.files, directory_.get(), *name, damaged_);
  if (kept)
    kept = env_.files.sync(directory_.get());
  if (kept)
    damaged_.clear();
  return kept;
}

void journal::close_later(const saga_id& saga) {
  if (sagas_.erase(saga) == 0)
    return;
  waiting_.emplace_back(journal_closed{saga});
  if (waiting_.size() >= options_.waiting_closes)
    (void)write({});
}

expected<void> journal::finish() {
  if (!sagas_.empty())
    return waiting_.empty() ? expected<void>{} : write({});
  if (!file_)
    return unwritable_ ? write_anew({}) : expected<void>{};
  if (size_ == 0)
    return {};
  auto emptied = env_.files.truncate(file_.get(), 0);
  if (emptied)
    emptied = env_.files.sync(file_.get());
  if (!emptied) {
    file_ = {};
    return unwritable("empty", emptied.error());
  }
  size_ = size_when_new_ = 0;
  lines_ = 0;
  waiting_.clear();
  return {};
}

failure journal::unwritable(std::string_view what, os_error why) {
  const auto path = directory_path_ + "/" + std::string{file_name};
  unwritable_ = failure{failure_kind::failed,
                        "journal-unwritable",
                        "cannot " + std::string{what} + " " + path + ": " + said(why) +
                            "; mend the disk and try again, nothing was changed",
                        path,
                        "write the journal",
                        {},
                        why.code};
  return *unwritable_;
}

} // namespace muster
