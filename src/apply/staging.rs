//! The few things that a transaction does to a disk.

use std::fs::TryLockError;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How long a lock is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// Held while a run writes; the system lets go of it however the run ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: std::fs::File,
}

impl Lock {
    /// Takes the lock that the file stands for.
    ///
    /// # Errors
    /// Another run holds it.
    pub(super) fn take(path: &Path) -> Result<Self> {
        let file = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(Error::file("create", path))?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                // A process that is about to become another program holds what its parent had open, for a moment.
                Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => std::thread::sleep(PATIENCE / 20),
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::input("another djscaffold is running here")
                        .hint("wait for it to finish, then try again"));
                }
                Err(TryLockError::Error(source)) => return Err(Error::file("lock", path)(source)),
            }
        }
    }
}

/// Writes a new file as [`write_content`] does, and the directories above it.
pub(super) fn write_file(path: &Path, content: &[u8], bits: u32, exactly: bool) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    }
    write_content(path, content, bits, exactly)
}

/// Writes a new file with its permissions. `exactly` gives it these bits whatever the umask is: it takes the place of a file
/// that had them. The content need not be on the disk yet: see [`synchronise`].
pub(super) fn write_content(path: &Path, content: &[u8], bits: u32, exactly: bool) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(bits);
    }
    let mut file = options.open(path).map_err(Error::file("create", path))?;
    std::io::Write::write_all(&mut file, content).map_err(Error::file("write", path))?;
    #[cfg(unix)]
    if exactly {
        use std::os::unix::fs::PermissionsExt as _;
        let permissions = std::fs::Permissions::from_mode(bits);
        file.set_permissions(permissions).map_err(Error::file("write", path))?;
    }
    Ok(())
}

/// Moves a file or directory: by renaming, or where the system can't rename across its layers, by a copy beside the target.
pub(super) fn move_path(from: &Path, to: &Path) -> Result<()> {
    match std::fs::rename(from, to) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::CrossesDevices => move_by_copy(from, to),
        Err(error) => Err(Error::file("move", to)(error)),
    }
}

/// Copies to a sibling of the target and renames that: the target is the old one or the new one, never half of either.
fn move_by_copy(from: &Path, to: &Path) -> Result<()> {
    let refused = |error: fs_extra::error::Error| Error::file("move", to)(std::io::Error::other(error));
    let mut name = std::ffi::OsString::from(".djscaffold-");
    name.push(to.file_name().unwrap_or_default());
    let beside = to.with_file_name(name);
    remove_if_there(&beside)?;
    if from.is_dir() {
        let options = fs_extra::dir::CopyOptions::new().copy_inside(true).content_only(true);
        fs_extra::dir::copy(from, &beside, &options).map_err(refused)?;
    } else {
        fs_extra::file::copy(from, &beside, &fs_extra::file::CopyOptions::new()).map_err(refused)?;
        synchronise(&beside)?;
    }
    std::fs::rename(&beside, to).map_err(Error::file("move", to))?;
    remove_if_there(from)
}

/// Removes a file or a whole directory of djscaffold's own, if it is there.
pub(super) fn remove_if_there(path: &Path) -> Result<()> {
    let Ok(metadata) = path.symlink_metadata() else {
        return Ok(());
    };
    let removed = if metadata.is_dir() {
        std::fs::remove_dir_all(path)
    } else {
        std::fs::remove_file(path)
    };
    removed.map_err(Error::file("remove", path))
}

/// Waits until a file's content, or the names in a directory, are on the disk.
pub(super) fn synchronise(path: &Path) -> Result<()> {
    let file = std::fs::File::open(path).map_err(Error::file("open", path))?;
    file.sync_all().map_err(Error::file("write", path))
}

/// Waits until the names in a directory are on the disk, where the system can open directories.
pub(super) fn synchronise_folder(path: &Path) -> Result<()> {
    if cfg!(unix) { synchronise(path) } else { Ok(()) }
}

/// Waits until all files of a directory of djscaffold's own are on the disk, and their names.
pub(super) fn synchronise_all(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(Error::file("read", folder))? {
        let path = entry.map_err(Error::file("read", folder))?.path();
        if path.is_dir() {
            synchronise_all(&path)?;
        } else {
            synchronise(&path)?;
        }
    }
    synchronise_folder(folder)
}

pub(super) fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to).map_err(Error::file("move", to))
}

/// A directory that only its owner may look into: it will hold secrets.
pub(super) fn private_folder(path: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path).map_err(Error::file("create", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_takes_the_place_of_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        std::fs::write(place("from.py"), "new").unwrap();
        std::fs::write(place("to.py"), "the old one, which is longer").unwrap();
        move_by_copy(&place("from.py"), &place("to.py")).unwrap();
        std::fs::create_dir_all(place("from/deep")).unwrap();
        std::fs::write(place("from/deep/a.py"), "a").unwrap();
        move_by_copy(&place("from"), &place("to")).unwrap();
        assert_eq!(std::fs::read_to_string(place("to.py")).unwrap(), "new");
        assert_eq!(std::fs::read_to_string(place("to/deep/a.py")).unwrap(), "a");
        let left: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }

    #[test]
    fn what_cannot_be_copied_leaves_the_target() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("to.py");
        std::fs::write(&target, "old").unwrap();
        assert!(move_by_copy(&folder.path().join("missing.py"), &target).is_err());
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "old");
    }
}
