"""Words of published tables in Indonesian and English: of what rows are told apart by, and of the steps of the ladder."""

from collections.abc import Mapping

Words = tuple[str, str]
"""A word in Indonesian and in English."""

ROWS: Mapping[str, Words] = {
    "PROVINCE": ("Provinsi", "Province"),
    "REGION": ("Kabupaten/kota", "Regency or city"),
    "TIER": ("Tingkat", "Tier"),
    "ACT": ("Bentuk pelanggaran", "Act"),
    "AGENCY": ("Instansi", "Authority"),
    "EMPLOYMENT": ("Status kepegawaian", "Employment"),
    "POST": ("Kategori jabatan", "Category of post"),
    "ELECTION": ("Pemilihan", "Election"),
    "QUARTER": ("Triwulan", "Quarter"),
    "ORIGIN": ("Asal", "Origin"),
    "RECOMMENDED_CLASS": ("Sanksi yang direkomendasikan", "Recommended sanction"),
    "IMPOSED_CLASS": ("Sanksi yang dijatuhkan", "Imposed sanction"),
    "OFFICE": ("Kantor", "Office"),
}
STEPS: Mapping[str, Words] = {
    "": ("", ""),
    "DUE_SOON": ("Segera jatuh tempo", "Due soon"),
    "OVERDUE": ("Melewati tenggat", "Overdue"),
    "REMINDED": ("Pengingat", "Reminder"),
    "WARNED": ("Teguran", "Warning"),
    "REPRIMANDED": ("Teguran BKN", "Reprimand by BKN"),
    "BLOCKED": ("Pemblokiran data", "Data blocked"),
    "ESCALATED": ("Eskalasi kepada atasan", "Escalation to the superior"),
}
