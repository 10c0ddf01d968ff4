#include "muster/store/git_checkout.hpp"

#include "muster/store/full_io.hpp"

#include <algorithm>

namespace muster {

checkout find_checkout(disk& files, std::string path, std::string_view root) {
  while (true) {
    const auto git = uninterrupted([&] { return files.status(no_handle, (path == "/" ? "" : path) + "/.git", false); });
    if (git && git->type == file_type::directory)
      return checkout::main;
    if (git && git->type == file_type::regular)
      return checkout::linked;
    if (path.size() <= root.size())
      return checkout::none;
    path.erase(std::max<std::size_t>(path.rfind('/'), 1));
  }
}

} // namespace muster
