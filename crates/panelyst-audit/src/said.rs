//! Words of findings, in English and in Chinese.

use serde::{Serialize, Serializer};

/// The same words in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// English alone: results have one language, whatever that of the tables.
impl Serialize for Said {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.en)
    }
}

impl Said {
    /// Parts one after another with a separator of each language between them.
    pub(crate) fn joined<T: Bilingual>(parts: &[T], en: &str, zh: &str) -> Self {
        let all = |words: fn(&T) -> &str| parts.iter().map(words).collect::<Vec<_>>();
        Self {
            en: all(T::en).join(en),
            zh: all(T::zh).join(zh),
        }
    }
}

/// What can stand in a sentence of either language: numbers and names of the paper are the same in both.
pub(crate) trait Bilingual {
    /// In English.
    fn en(&self) -> &str;
    /// In Chinese.
    fn zh(&self) -> &str;

    /// Both.
    fn said(&self) -> Said {
        Said {
            en: self.en().to_owned(),
            zh: self.zh().to_owned(),
        }
    }
}

impl Bilingual for Said {
    fn en(&self) -> &str {
        &self.en
    }

    fn zh(&self) -> &str {
        &self.zh
    }
}

impl Bilingual for str {
    fn en(&self) -> &str {
        self
    }

    fn zh(&self) -> &str {
        self
    }
}

impl Bilingual for String {
    fn en(&self) -> &str {
        self
    }

    fn zh(&self) -> &str {
        self
    }
}

/// English and Chinese.
impl Bilingual for (&str, &str) {
    fn en(&self) -> &str {
        self.0
    }

    fn zh(&self) -> &str {
        self.1
    }
}

impl<T: Bilingual + ?Sized> Bilingual for &T {
    fn en(&self) -> &str {
        (**self).en()
    }

    fn zh(&self) -> &str {
        (**self).zh()
    }
}

/// A sentence in English and in Chinese, with the same values in both: `said!("{} rows", "{}个观测", count(n))`.
macro_rules! said {
    ($en:literal, $zh:literal $(, $value:expr)* $(,)?) => {
        $crate::said::Said {
            en: format!($en $(, $crate::said::Bilingual::en(&$value))*),
            zh: format!($zh $(, $crate::said::Bilingual::zh(&$value))*),
        }
    };
}

pub(crate) use said;
